//! The nine digits that are a student's id.

use time::{Date, Month};

/// What the id is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Student<'a> {
    /// The number of attendance.
    pub(super) absentnum: i32,
    /// The grade, from 10 on.
    pub(super) angkatan: i32,
    /// The department.
    pub(super) jurusan: &'a str,
    /// The class.
    pub(super) kelas: i32,
}

impl Student<'_> {
    /// Year of entry, department, class, and number of attendance to three digits: `2022 7 2 036`.
    ///
    /// A school year begins in July, and a student of the tenth grade has entered in the one that runs `today`. There is
    /// no id of nine digits for an unknown department, or for numbers that have more digits than their place.
    pub(super) fn id(&self, today: Date) -> Option<String> {
        let began = today.year() - i32::from(today.month() < Month::July);
        let entered = began.checked_sub(self.angkatan.checked_sub(10)?)?;
        let department = match self.jurusan {
            "AKL" => 2,
            "PN" => 3,
            "MPLB" => 4,
            "TKJ" => 5,
            "BSN" => 6,
            "KUL" => 7,
            "ULP" => 8,
            _ => return None,
        };
        let fits = (1000..=9999).contains(&entered)
            && (0..=9).contains(&self.kelas)
            && (0..=999).contains(&self.absentnum);
        fits.then(|| format!("{entered}{department}{}{:03}", self.kelas, self.absentnum))
    }
}
