//! A key directory of a test's own, at a time of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use accountd::{
    backend::{Clock, Random, Timestamp},
    command::keys::Place,
    keys::{self, Algorithm, Keys, Kind, Rotated, Rotation},
};
use tempfile::TempDir;

/// 2026-11-21T02:15:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_227_300_000);

pub(crate) const ACTIVATION_DELAY: Duration = Duration::from_mins(10);
pub(crate) const KEEP: Duration = Duration::from_hours(24);

/// A directory with one key of each kind, a second old, and the clock and randomness they came from.
pub(crate) struct KeyDirectory {
    directory: TempDir,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) rotation: Rotation,
}

impl KeyDirectory {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        Self::at(START, algorithm)
    }

    pub(crate) fn at(now: Timestamp, algorithm: Algorithm) -> Self {
        let directory = Self {
            directory: TempDir::new().unwrap(),
            clock: Clock::fixed(now - Duration::from_secs(1)),
            random: Random::seeded(1),
            rotation: Rotation {
                algorithm,
                activation_delay: ACTIVATION_DELAY,
                keep: KEEP,
            },
        };
        directory.generate_missing();
        directory.clock.advance(Duration::from_secs(1));
        directory
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What `accountd keys` would be run on now.
    pub(crate) fn place(&self) -> Place {
        Place {
            directory: self.path().to_owned(),
            rotation: self.rotation,
            now: self.clock.now(),
        }
    }

    pub(crate) fn generate_missing(&self) -> usize {
        let algorithm = self.rotation.algorithm;
        keys::generate_missing(self.path(), algorithm, self.clock.now(), &self.random)
            .unwrap()
            .len()
    }

    pub(crate) fn load(&self) -> Keys {
        self.try_load().unwrap()
    }

    pub(crate) fn try_load(&self) -> Result<Keys, keys::KeysError> {
        Keys::load(
            self.path(),
            ACTIVATION_DELAY,
            self.clock.clone(),
            self.random.clone(),
        )
    }

    pub(crate) fn rotate(&self) -> Rotated {
        self.rotate_at(self.clock.now())
    }

    /// A rotation of both kinds by a clock of its own.
    pub(crate) fn rotate_at(&self, now: Timestamp) -> Rotated {
        let both = [Kind::Secret, Kind::Signing];
        keys::rotate(self.path(), &both, &self.rotation, now, &self.random).unwrap()
    }

    /// The only signing key file there is.
    pub(crate) fn signing_file(&self) -> PathBuf {
        only_file(&self.path().join("signing"))
    }

    /// The only root secret file there is.
    pub(crate) fn secret_file(&self) -> PathBuf {
        only_file(&self.path().join("secret"))
    }
}

fn only_file(directory: &Path) -> PathBuf {
    let mut files = fs::read_dir(directory).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none(), "more than one key");
    file
}
