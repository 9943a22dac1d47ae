//! Faults as a test wants them: one at a chosen point, or noise at all of them.

mod control;

use std::{
    collections::BTreeSet,
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};

use super::{Broken, Bug};
use control::Control;

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call is not made, and fails.
    FailBefore,
    /// The call is made, and its answer is lost.
    FailAfter,
    /// The call is made, and its answer cannot be read.
    Garble,
    /// The call is made after this wait.
    Delay(Duration),
    /// The call is not made, and nothing ever comes back.
    Silence,
    /// The process ends before the call, as by `kill -9`.
    KillBefore,
    /// The process ends after the call, as by `kill -9`.
    KillAfter,
    /// The code that makes the call panics.
    Panic,
}

/// Small faults everywhere, from one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    /// Where the chances come from.
    pub seed: u64,
    /// Of a thousand calls, how many are late.
    pub late: u32,
    /// How late at most.
    pub by: Duration,
    /// Of a thousand calls, how many fail, half of them after their effect.
    pub failing: u32,
}

/// The faults of one node; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    bugs: BTreeSet<Bug>,
    /// The points passed, while somebody wants to know.
    visited: Option<Vec<String>>,
    armed: Option<Armed>,
    noise: Option<(Noise, SmallRng)>,
    fired: usize,
    clock: i64,
    control: Option<Control>,
}

/// One fault that waits for its point.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Armed {
    /// Any point where it is empty.
    point: String,
    /// Visits of it that pass unharmed before.
    spared: usize,
    fault: Fault,
}

impl Faults {
    /// No faults so far.
    pub fn none() -> Self {
        Self::default()
    }

    /// The faults that the file named by `TEST_FAULTS` asks for, now and whenever it is written anew.
    #[expect(
        clippy::disallowed_methods,
        reason = "a process under test has no other way to be told"
    )]
    pub fn from_environment() -> Self {
        let control = std::env::var_os("TEST_FAULTS").map(|path| Control::new(PathBuf::from(path)));
        Self(Arc::new(Mutex::new(Plan {
            control,
            ..Plan::default()
        })))
    }

    /// Whether a known bug is put back.
    pub fn has(&self, bug: Bug) -> bool {
        self.plan().bugs.contains(&bug)
    }

    /// Puts a known bug back.
    pub fn put_back(&self, bug: Bug) {
        self.plan().bugs.insert(bug);
    }

    /// By how many milliseconds the clock is wrong.
    pub fn clock_error(&self) -> i64 {
        self.plan().clock
    }

    /// Remembers the points passed from now on.
    pub fn record(&self) {
        self.plan().visited = Some(Vec::new());
    }

    /// The points passed since [`Faults::record`], which ends with this.
    pub fn recorded(&self) -> Vec<String> {
        self.plan().visited.take().unwrap_or_default()
    }

    /// Lets `fault` happen once, at the visit of `point` (of any, where that is empty) after so many spared ones.
    pub fn arm(&self, point: &str, spared: usize, fault: Fault) {
        self.plan().armed = Some(Armed {
            point: point.to_owned(),
            spared,
            fault,
        });
    }

    /// Lets small faults happen everywhere, or no more.
    pub fn noise(&self, noise: Option<Noise>) {
        self.plan().noise = noise.map(|noise| (noise, SmallRng::seed_from_u64(noise.seed)));
    }

    /// Takes back what waits to happen.
    pub fn disarm(&self) {
        let mut plan = self.plan();
        plan.armed = None;
        plan.noise = None;
    }

    /// How many faults have happened.
    pub fn fired(&self) -> usize {
        self.plan().fired
    }

    /// What the name of a point is made of, beyond the life of what says it.
    pub fn keep(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Makes the call, unless a fault happens at the point that `point` names.
    ///
    /// # Panics
    /// Where that is the fault.
    pub async fn around<T, E>(
        &self,
        point: impl FnOnce() -> String,
        call: impl Future<Output = Result<T, E>>,
        broken: impl FnOnce(Broken) -> E,
    ) -> Result<T, E> {
        let fault = self.plan().visit(point());
        let mut call = std::pin::pin!(call);
        match fault {
            None => call.as_mut().await,
            Some(Fault::FailBefore) => Err(broken(Broken::Lost)),
            Some(Fault::FailAfter) => {
                drop(call.as_mut().await);
                Err(broken(Broken::Lost))
            }
            Some(Fault::Garble) => {
                drop(call.as_mut().await);
                Err(broken(Broken::Garbled))
            }
            Some(Fault::Delay(wait)) => {
                tokio::time::sleep(wait).await;
                call.as_mut().await
            }
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::KillBefore) => kill(),
            Some(Fault::KillAfter) => {
                drop(call.as_mut().await);
                kill()
            }
            #[expect(clippy::panic, reason = "it is what was asked for")]
            Some(Fault::Panic) => panic!("a panic on purpose"),
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        let mut plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plan.obey();
        plan
    }
}

impl Plan {
    /// Takes over what the control file says, if it says something new.
    fn obey(&mut self) {
        let Some(orders) = self.control.as_mut().and_then(Control::orders) else {
            return;
        };
        self.bugs = orders.bugs;
        self.armed = orders.armed;
        self.clock = orders.clock;
        self.noise = orders
            .noise
            .map(|noise| (noise, SmallRng::seed_from_u64(noise.seed)));
    }

    fn visit(&mut self, point: String) -> Option<Fault> {
        let fault = self.due(&point).or_else(|| self.by_chance());
        self.fired += usize::from(fault.is_some());
        if let Some(visited) = &mut self.visited {
            visited.push(point);
        }
        fault
    }

    fn due(&mut self, point: &str) -> Option<Fault> {
        let armed = self.armed.as_mut()?;
        if !armed.point.is_empty() && armed.point != point {
            return None;
        }
        if armed.spared > 0 {
            armed.spared -= 1;
            return None;
        }
        self.armed.take().map(|armed| armed.fault)
    }

    fn by_chance(&mut self) -> Option<Fault> {
        let (noise, chance) = self.noise.as_mut()?;
        let draw = chance.random_range(0..1000);
        if draw < noise.failing {
            return Some(if draw % 2 == 0 {
                Fault::FailBefore
            } else {
                Fault::FailAfter
            });
        }
        (draw < noise.failing + noise.late)
            .then(|| Fault::Delay(noise.by.mul_f64(chance.random_range(0.0..1.0))))
    }
}

/// Ends the process without a word to anybody.
fn kill() -> ! {
    let this = rustix::process::getpid();
    let _ = rustix::process::kill_process(this, rustix::process::Signal::KILL);
    // The signal ends it before this does.
    std::process::abort()
}
