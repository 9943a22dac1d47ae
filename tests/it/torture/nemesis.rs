//! Who breaks things: processes, lines, stores, clocks, a few at a time, from a seed.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rand::{RngExt as _, rngs::SmallRng, seq::IndexedRandom as _};
use tokio::time::{Instant, sleep, timeout};

use super::{chance::draws, world::World};
use crate::support::{
    cluster::Cluster,
    service::Engines,
    smtp::{At, Reply},
};

/// How long a node may take from its start until it serves, on a machine with other things to do.
const READY: Duration = Duration::from_secs(20);
/// In milliseconds.
const HOUR: i64 = 3_600_000;
/// How long after it was told to a node may fall: the call that it is to fall at may have to wait first.
const FALL: Duration = Duration::from_secs(30);
/// How long people are asked to pause for a clock: all others wait for who takes longer.
const PAUSE: Duration = Duration::from_secs(3);
/// Whose draws they are.
const NEMESIS: u64 = u64::MAX;

/// The faults of a run.
pub(super) struct Nemesis {
    pub(super) cluster: Cluster,
    engines: Engines,
    nodes: usize,
    world: Arc<World>,
    chance: SmallRng,
    /// Nodes that may have ended, until when.
    doomed: BTreeMap<usize, Instant>,
    /// What every node is told beside other orders.
    pub(super) standing: String,
    pub(super) slowest_start: Duration,
}

/// What is broken in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rage {
    /// Nothing.
    None,
    /// All that there is.
    All,
    /// Small faults in the processes.
    Noise,
    /// Clocks, all of them by an hour.
    Clocks,
    /// The relay, which is busy now and then.
    Mail,
}

/// What is wrong outside the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outside {
    SqlRefuses,
    SqlSilent,
    SqlSlow,
    SqlCut,
    CommitLost,
    CommitCut,
    KvRefuses,
    KvSilent,
    KvSlow,
    KvReplyLost,
    KvFlushed,
    MailRefuses,
    MailSilent,
    MailBusy,
}

const OUTSIDE: [Outside; 14] = [
    Outside::SqlRefuses,
    Outside::SqlSilent,
    Outside::SqlSlow,
    Outside::SqlCut,
    Outside::CommitLost,
    Outside::CommitCut,
    Outside::KvRefuses,
    Outside::KvSilent,
    Outside::KvSlow,
    Outside::KvReplyLost,
    Outside::KvFlushed,
    Outside::MailRefuses,
    Outside::MailSilent,
    Outside::MailBusy,
];

impl Outside {
    /// Whether it waits for somebody to come by.
    const fn is_trap(self) -> bool {
        matches!(self, Self::CommitLost | Self::CommitCut | Self::KvReplyLost)
    }
}

impl Nemesis {
    pub(super) fn new(cluster: Cluster, engines: Engines, world: Arc<World>) -> Self {
        Self {
            nodes: cluster.nodes().len(),
            cluster,
            engines,
            chance: draws(world.seed, NEMESIS, 0),
            world,
            doomed: BTreeMap::new(),
            standing: String::new(),
            slowest_start: Duration::ZERO,
        }
    }

    /// Breaks one thing after another until `end`, and leaves everything whole.
    pub(super) async fn rage(&mut self, rage: Rage, end: Instant) {
        for number in 1.. {
            if Instant::now() >= end || self.world.history.is_over() {
                break;
            }
            self.chance = draws(self.world.seed, NEMESIS, number);
            match (rage, self.chance.random_range(0..12)) {
                (Rage::None, _) => {}
                (Rage::Clocks, _) => {
                    // People join and ask for codes only while clocks are right.
                    self.pause(500, 1000).await;
                    self.move_clocks(true, HOUR).await;
                }
                (Rage::All, 0) => {
                    let all = self.chance.random_range(0..2) == 0;
                    let by = *[HOUR, -HOUR].choose(&mut self.chance).unwrap_or(&HOUR);
                    self.move_clocks(all, by).await;
                }
                (Rage::Noise, _) => self.murmur(80).await,
                (Rage::All, 1) => {
                    let failing = self.chance.random_range(1..20);
                    self.murmur(failing).await;
                }
                (Rage::Mail, _) => {
                    self.break_outside(Outside::MailBusy, 0).await;
                    self.pause(500, 1000).await;
                    self.mend_outside(0);
                }
                (Rage::All, _) => self.strike().await,
            }
            let calm = self.chance.random_range(50..400);
            sleep(Duration::from_millis(calm)).await;
        }
        self.raise_the_dead().await;
    }

    fn note(&self, what: impl Into<String>) {
        self.world.history.note("nemesis", what.into());
    }

    async fn pause(&mut self, least: u64, most: u64) {
        let millis = self.chance.random_range(least..most);
        sleep(Duration::from_millis(millis)).await;
    }

    /// Something outside fails, and often a process with it.
    async fn strike(&mut self) {
        let outside = match self.engines {
            Engines::Production if self.chance.random_range(0..2) == 0 => {
                OUTSIDE.choose(&mut self.chance).copied()
            }
            _ => None,
        };
        let node = self.chance.random_range(0..self.nodes);
        let before = self.sprung(node);
        if let Some(outside) = outside {
            self.note(format!("{outside:?} at {node}"));
            self.break_outside(outside, node).await;
            self.pause(100, 900).await;
        } else {
            self.pause(20, 200).await;
        }
        match self.chance.random_range(0..12) {
            0..6 => self.kill(node),
            6 => (0..self.nodes).for_each(|node| self.kill(node)),
            7..9 => self.fall_at_a_point(node).await,
            // One that was told to fall may have done so late.
            9..11 if self.cluster.has_ended(node) => {}
            9 if self.chance.random_range(0..2) == 0 => {
                self.note(format!("node {node} stands still"));
                self.world.history.count("! stopped");
                self.cluster.stop(node).await;
                self.pause(100, 1500).await;
                self.cluster.resume(node);
            }
            // One that cannot reach its stores may end otherwise than well.
            10 if outside.is_none() => self.drain(node).await,
            _ => {}
        }
        self.pause(1, 100).await;
        if let Some(outside) = outside
            && (!outside.is_trap() || self.sprung(node) > before)
        {
            self.world.history.count(format!("! {outside:?}"));
        }
        self.mend_outside(node);
        self.raise_the_dead().await;
    }

    /// How many traps have met somebody on the way from a node.
    fn sprung(&self, node: usize) -> usize {
        match self.engines {
            Engines::Embedded => 0,
            Engines::Production => {
                self.cluster.node(node).sql().fired() + self.cluster.node(node).kv().fired()
            }
        }
    }

    /// A node is asked to end, and ends well.
    async fn drain(&mut self, node: usize) {
        self.note(format!("node {node} is asked to end"));
        self.world.history.count("! asked to end");
        let may_fall = self.is_doomed(node);
        self.doom(node);
        let status = self.cluster.terminate(node).await;
        if !status.success() && !may_fall {
            let text = format!("node {node} was asked to end, and did with {status}");
            self.world.history.break_off("nemesis", "it ends", &text);
        }
    }

    /// Writes down that a node may end from now on.
    fn doom(&mut self, node: usize) {
        self.doomed.insert(node, Instant::now() + FALL);
    }

    fn is_doomed(&self, node: usize) -> bool {
        let until = self.doomed.get(&node);
        until.is_some_and(|until| *until >= Instant::now())
    }

    fn kill(&mut self, node: usize) {
        self.note(format!("kill -9 of node {node}"));
        self.world.history.count("! kill -9");
        self.doom(node);
        self.cluster.kill(node);
    }

    /// A node falls at a call that nobody chose: before it, or after its effect.
    async fn fall_at_a_point(&mut self, node: usize) {
        let fault = ["kill_before", "kill_after"].choose(&mut self.chance);
        let spared = self.chance.random_range(0..40);
        let order = format!("{}at {} {spared} \n", self.standing, fault.unwrap());
        self.note(format!("node {node}: {order:?}"));
        self.doom(node);
        self.cluster.node(node).order(&order);
        let limit = Instant::now() + Duration::from_secs(1);
        while Instant::now() < limit {
            if self.cluster.has_ended(node) {
                self.note(format!("node {node} fell"));
                self.world.history.count("! fell at a point");
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        self.cluster.node(node).order(&self.standing);
    }

    /// Starts what has ended, which nothing may have done by itself.
    pub(super) async fn raise_the_dead(&mut self) {
        let dead: Vec<usize> = (0..self.nodes)
            .filter(|node| self.cluster.has_ended(*node))
            .collect();
        for node in dead {
            let was_doomed = self.is_doomed(node);
            self.doomed.remove(&node);
            if !was_doomed {
                let text = format!("node {node} has ended, and nobody asked it to");
                self.world.history.break_off("nemesis", "it stays", &text);
            }
            let took = self.cluster.restart(node).await;
            self.note(format!("node {node} serves again after {took:?}"));
            self.slowest_start = self.slowest_start.max(took);
            if took > READY {
                let text = format!("a start took {took:?}");
                self.world
                    .history
                    .break_off("nemesis", "it recovers", &text);
            }
        }
    }

    async fn break_outside(&mut self, outside: Outside, node: usize) {
        let (sql, kv) = (self.cluster.node(node).sql(), self.cluster.node(node).kv());
        let mail = &self.cluster.outside().mail;
        let late = Duration::from_millis(self.chance.random_range(5..300));
        match outside {
            Outside::SqlRefuses => sql.refuse(),
            Outside::SqlSilent => sql.silence(),
            Outside::SqlSlow => sql.slow(late),
            Outside::SqlCut => sql.cut(),
            Outside::CommitLost => sql.lose_reply_after("COMMIT", 5),
            Outside::CommitCut => sql.cut_before("COMMIT", 5),
            Outside::KvRefuses => kv.refuse(),
            Outside::KvSilent => kv.silence(),
            Outside::KvSlow => kv.slow(late),
            Outside::KvReplyLost => kv.lose_reply_after("EVALSHA", 5),
            Outside::KvFlushed => {
                let mut redis = self.cluster.outside().redis.connection().await;
                redis::cmd("FLUSHALL").exec_async(&mut redis).await.unwrap();
            }
            Outside::MailRefuses => mail.refuse(),
            Outside::MailSilent => mail.silence(),
            Outside::MailBusy => {
                let relay = &self.cluster.outside().relay;
                relay.rule(At::Content, "", Reply::Say("451 4.3.0 later"));
            }
        }
    }

    fn mend_outside(&self, node: usize) {
        if self.engines == Engines::Embedded {
            return;
        }
        for proxy in [self.cluster.node(node).sql(), self.cluster.node(node).kv()] {
            proxy.forget_patterns();
            proxy.pass();
        }
        self.cluster.outside().mail.pass();
        self.cluster.outside().relay.recover();
    }

    /// Small faults everywhere on one node, for a while.
    async fn murmur(&mut self, failing: u32) {
        let node = self.chance.random_range(0..self.nodes);
        let seed = self.chance.random_range(0..u64::MAX);
        let order = format!("{}noise {seed} 100 30 {failing}\n", self.standing);
        self.note(format!("node {node}: {order:?}"));
        self.world.history.count("! noise");
        self.cluster.node(node).order(&order);
        self.pause(500, 2000).await;
        self.cluster.node(node).order(&self.standing);
    }

    /// Clocks jump by an hour, all of them or one, and come back.
    async fn move_clocks(&mut self, all: bool, by: i64) {
        let all = all || self.nodes == 1;
        let world = Arc::clone(&self.world);
        world.is_pausing.store(true, Ordering::SeqCst);
        let gate = timeout(PAUSE, world.gate.write()).await;
        world.is_pausing.store(false, Ordering::SeqCst);
        let Ok(gate) = gate else {
            return;
        };
        // A code that waits for its relay is dropped when its time is over, as it should be.
        if by > 0 {
            world.excuse_missing_letters();
        }
        self.note(format!("clocks jump by {by} ms, all: {all}"));
        let way = if by > 0 { "forward" } else { "back" };
        world.history.count(format!("! clock moved {way}"));
        let moved = if all { self.nodes } else { 1 };
        for node in 0..moved {
            let order = format!("{}clock {by}\n", self.standing);
            self.cluster.node(node).order(&order);
        }
        // Until every node has read it.
        sleep(Duration::from_millis(30)).await;
        world.is_skewed.store(true, Ordering::SeqCst);
        world
            .is_an_hour_late
            .store(all && by == HOUR, Ordering::SeqCst);
        drop(gate);
        self.pause(300, 1200).await;
        let gate = world.gate.write().await;
        for node in 0..self.nodes {
            self.cluster.node(node).order(&self.standing);
        }
        sleep(Duration::from_millis(30)).await;
        world.is_skewed.store(false, Ordering::SeqCst);
        world.is_an_hour_late.store(false, Ordering::SeqCst);
        drop(gate);
    }
}
