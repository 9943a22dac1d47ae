//! The table that a bench prints, line by line as it measures.

use super::statistics::Spread;

/// A line.
pub(crate) struct Row {
    pub(crate) figure: String,
    pub(crate) ours: String,
    pub(crate) limit: String,
    /// Of accountd's number over the limit's; none where the number itself is what the aim is about.
    pub(crate) ratio: Option<Spread>,
    /// Where both have a process whose time is theirs alone.
    pub(crate) cpu: Option<Cpu>,
    /// None for what is told beside the aims.
    pub(crate) aim: Option<Aim>,
}

/// Processor time of one call.
pub(crate) struct Cpu {
    pub(crate) ours: String,
    pub(crate) limit: String,
    /// The limit's over accountd's, so that it reads as the ratio of rates does.
    pub(crate) ratio: f64,
}

/// What a number should be.
pub(crate) enum Aim {
    /// The ratio of rates, and that of processor time where there is one.
    AtLeast(f64),
    /// The ratio.
    AtMost(f64),
    /// Something else, in words, that was met or not.
    Stated(String, bool),
}

/// Prints the head.
pub(crate) fn print_heading() {
    println!(
        "\
| figure | accountd | limit | ratio, median (min to max) | CPU per call, accountd | limit | ratio of CPU | aim | met |
|---|---|---|---|---|---|---|---|---|"
    );
}

impl Row {
    pub(crate) fn print(&self) {
        let ratio = self.ratio.as_ref().map_or_else(String::new, |ratio| {
            format!(
                "{:.2} ({:.2} to {:.2})",
                ratio.median(),
                ratio.least(),
                ratio.most()
            )
        });
        let [ours, limit, of_cpu] = self
            .cpu
            .as_ref()
            .map_or([const { String::new() }; 3], |cpu| {
                let Cpu { ours, limit, ratio } = cpu;
                [ours.clone(), limit.clone(), format!("{ratio:.2}")]
            });
        let (aim, is_met) = self.verdict();
        println!(
            "| {} | {} | {} | {ratio} | {ours} | {limit} | {of_cpu} | {aim} | {is_met} |",
            self.figure, self.ours, self.limit
        );
    }

    fn verdict(&self) -> (String, &'static str) {
        let ratio = self.ratio.as_ref().map_or(f64::NAN, Spread::median);
        let (text, is_met) = match &self.aim {
            None => return (String::new(), ""),
            Some(Aim::AtLeast(least)) => {
                let of_cpu = self.cpu.as_ref().map_or(f64::INFINITY, |cpu| cpu.ratio);
                (format!("≥ {least:.2}"), ratio.min(of_cpu) >= *least)
            }
            Some(Aim::AtMost(most)) => (format!("≤ {most:.2}"), ratio <= *most),
            Some(Aim::Stated(text, is_met)) => (text.clone(), *is_met),
        };
        (text, if is_met { "yes" } else { "no" })
    }
}

/// A number with as many places as say something.
pub(crate) fn count(number: f64) -> String {
    if number < 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

/// Seconds in a unit that suits them.
pub(crate) fn time(seconds: f64) -> String {
    if seconds < 0.001 {
        format!("{:.0} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}
