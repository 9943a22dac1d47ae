//! What is to go wrong in one process.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;

/// What a process is told by a file that it looks at; `src/faults/plan/control.rs` has the words. Clones are the same one.
#[derive(Clone)]
pub struct Orders {
    path: PathBuf,
    /// By how many milliseconds its clock is ahead.
    ahead: Arc<AtomicU64>,
}

impl Orders {
    /// For a process that keeps its files there.
    pub(super) fn inside(directory: &Path) -> Self {
        Self {
            path: directory.join("faults"),
            ahead: Arc::default(),
        }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a text in the place of all that the process was told before. It listens within some milliseconds.
    pub fn write(&self, text: &str) {
        let fresh = self.path.with_extension("new");
        fs::write(&fresh, text).unwrap();
        fs::rename(fresh, &self.path).unwrap();
    }

    /// Gives one order beside the time, or takes it back where it is empty, and waits until the process listens.
    pub async fn give(&self, order: &str) {
        let mut text = format!("clock {}\n", self.ahead.load(Ordering::Relaxed));
        if !order.is_empty() {
            writeln!(text, "{order}").unwrap();
        }
        self.write(&text);
        // The process looks at it every 5 ms, and there is no telling whether it has.
        sleep(Duration::from_millis(6)).await;
    }

    /// Lets the clock of the process go ahead.
    pub async fn pass(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.ahead.fetch_add(millis, Ordering::Relaxed);
        self.give("").await;
    }
}
