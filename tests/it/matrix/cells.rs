//! The matrix in one process: every point of every operation under every fault.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use accountd::faults::{Bug, Fault};
use futures_util::{FutureExt as _, future::ready};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    ask::Ask,
    call::wrong_answer,
    scenes::{ALL, Scene, Stage},
    state::{Labels, State, Tables},
};
use crate::support::service::{Engines, Ground, Node, on_both_engines};

/// Scenes that are played at a time: enough to use the waits of each other.
const AT_ONCE: usize = 12;
/// How long calls outside are waited for, here.
const PATIENCE: Duration = Duration::from_secs(1);
/// How soon a client gives up that meets silence.
const SHORT: Duration = Duration::from_millis(600);
/// What is waited for at the most, on a machine with other things to do.
const MOST: Duration = Duration::from_secs(20);

/// A delay of 2 s is beyond every limit that holds here, and thereby silence.
const FAULTS: [Fault; 6] = [
    Fault::FailBefore,
    Fault::FailAfter,
    Fault::Garble,
    Fault::Delay(Duration::from_millis(50)),
    Fault::Silence,
    Fault::Panic,
];

/// A scene without faults.
pub struct Reference {
    pub before: State,
    pub after: State,
    /// What it passed, in this order.
    pub points: Vec<String>,
}

/// One scene on a node of its own.
struct Play {
    scene: Scene,
    stage: Stage,
    node: Arc<Node>,
    tables: Tables,
    /// How many hold the service while no call is under way.
    at_rest: usize,
}

/// A name that nobody has had before, of letters that look like no others.
pub fn fresh_name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let letter = |place: u32| char::from(b"abcdehkp"[number / 8_usize.pow(place) % 8]);
    let letters: String = (0..6).map(letter).collect();
    format!("z{letters}")
}

/// An id that no request has had before.
pub fn request_id() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("00000000-0000-4000-8000-{number:012}")
}

/// What a scene passes, in this order.
pub async fn points_of(engines: Engines, scene: Scene) -> Vec<String> {
    Play::open(engines, scene).await.reference().await.points
}

/// Which visit of its point the one at `index` is.
pub fn spared(points: &[String], index: usize) -> usize {
    let before = points[..index].iter();
    before.filter(|point| **point == points[index]).count()
}

impl Play {
    async fn open(engines: Engines, scene: Scene) -> Self {
        let mut ground = Ground::new(engines).await;
        ground.patience = Some(PATIENCE);
        let node = Arc::new(ground.node().await);
        let stage = Stage::new(
            {
                let node = Arc::clone(&node);
                move |realm| node.client_of(realm)
            },
            {
                let node = Arc::clone(&node);
                move |time| {
                    node.advance(time);
                    ready(()).boxed()
                }
            },
        );
        let tables = Tables::open(&ground.store.url).await;
        let mut play = Self {
            scene,
            stage,
            node,
            tables,
            at_rest: usize::MAX,
        };
        play.client().joined("warm").await;
        play.at_rest = play.rest().await;
        play
    }

    fn client(&self) -> crate::support::client::Client {
        self.stage.client("default")
    }

    /// The least number of holders that is seen for a while.
    async fn rest(&self) -> usize {
        let mut least = usize::MAX;
        for _ in 0..20 {
            least = least.min(Arc::strong_count(&self.node.app));
            sleep(Duration::from_millis(5)).await;
        }
        least
    }

    /// An empty house with one person in it, about to ask. The state that they ask in.
    async fn begin(&self, labels: &mut Labels, name: &str) -> (Ask, State) {
        self.tables.clear().await;
        let id = request_id();
        let ask = self.scene.prepare(&self.stage, name, &id).await;
        self.settle().await.unwrap();
        let before = self.tables.look(labels, &self.client()).await;
        (ask, before)
    }

    /// Waits until no call is under way, no connection is lent out, and every mail has left (I13).
    async fn settle(&self) -> Result<(), String> {
        let end = Instant::now() + MOST;
        loop {
            let holders = Arc::strong_count(&self.node.app);
            let (all, idle) = connections(&self.node);
            if holders <= self.at_rest && idle == all {
                break;
            }
            if Instant::now() > end {
                return Err(format!(
                    "{holders} hold the service instead of {}, and {idle} of {all} connections are free",
                    self.at_rest
                ));
            }
            sleep(Duration::from_millis(2)).await;
        }
        let wake = || self.node.app.mail.notify_one();
        wake();
        if self.tables.all_mailed(MOST, wake).await {
            Ok(())
        } else {
            Err(String::from("mails stay in the outbox"))
        }
    }

    async fn reference(&self) -> Reference {
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(&mut labels, &name).await;
        self.node.app.faults.record();
        ask.send(None).await.unwrap();
        self.settle().await.unwrap();
        let points = self.node.app.faults.recorded();
        let after = self.tables.look(&mut labels, &self.client()).await;
        assert!(!points.is_empty(), "{:?} passes nothing", self.scene);
        if self.scene.changes() {
            assert_ne!(before, after, "{:?} changes nothing", self.scene);
        }
        Reference {
            before,
            after,
            points,
        }
    }

    /// Breaks the scene at one point in one way. What is wrong with what came of it.
    async fn cell(&self, reference: &Reference, index: usize, fault: Fault) -> Result<(), String> {
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(&mut labels, &name).await;
        if before != reference.before {
            let difference = difference(&before, &reference.before);
            return Err(format!("the ground is not the same:{difference}"));
        }
        let (points, faults) = (&reference.points, &self.node.app.faults);
        let point = &points[index];
        let fired = faults.fired();
        faults.arm(point, spared(points, index), fault);
        let within = (fault == Fault::Silence).then_some(SHORT);
        let answer = ask.send(within).await;
        self.settle().await?;
        faults.disarm();
        if faults.fired() == fired {
            return Err(String::from("the point was not passed again"));
        }
        if let Some(wrong) = wrong_answer(&answer, fault, point) {
            return Err(wrong);
        }
        let state = self.tables.look(&mut labels, &self.client()).await;
        judge(answer.is_ok(), &state, reference)?;
        let again = match ask.send(Some(MOST)).await {
            Ok(tokens) => tokens,
            Err(status) => return Err(format!("the same again was answered {status:?}")),
        };
        self.settle().await?;
        let state = self.tables.look(&mut labels, &self.client()).await;
        if state != reference.after {
            let difference = difference(&state, &reference.after);
            return Err(format!("the same again has done otherwise:{difference}"));
        }
        if let Some(tokens) = again {
            let owner = ask.client.with(&tokens.access_token);
            let current = owner.current().await;
            current.map_err(|status| format!("the tokens do not work: {status:?}"))?;
        }
        Ok(())
    }
}

/// Whether the state is the one before or the one after (I10), and the latter where success was told (I6).
pub fn judge(told: bool, state: &State, reference: &Reference) -> Result<(), String> {
    if *state == reference.after || (!told && *state == reference.before) {
        return Ok(());
    }
    let from = difference(state, &reference.before);
    let to = difference(state, &reference.after);
    Err(format!(
        "told {told}, it is neither begun nor done; from before:{from}\nfrom after:{to}"
    ))
}

/// The lines that only one of two states has.
pub fn difference(found: &State, wanted: &State) -> String {
    let mut text = String::new();
    let only = |in_one: &State, other: &State| {
        let mut rest = other.0.clone();
        let mut only = in_one.0.clone();
        only.retain(|line| {
            let place = rest.iter().position(|other| other == line);
            place.map(|place| rest.remove(place)).is_none()
        });
        only
    };
    for (sign, lines) in [('+', only(found, wanted)), ('-', only(wanted, found))] {
        for line in lines {
            write!(text, "\n    {sign} {line}").unwrap();
        }
    }
    text
}

/// How many connections there are, and how many of them are free.
fn connections(node: &Node) -> (usize, usize) {
    let pool = node.app.db.pool();
    let (all, idle) = match node.ground.engines {
        Engines::Embedded => {
            let pool = pool.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        }
        Engines::Production => {
            let pool = pool.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        }
    };
    (usize::try_from(all).unwrap(), idle)
}

/// Every fault at the points of one scene that `wanted` names. Cells, and what was wrong.
async fn play(
    engines: Engines,
    scene: Scene,
    wanted: fn(&str) -> bool,
) -> (BTreeMap<String, usize>, Vec<String>) {
    let play = Play::open(engines, scene).await;
    let reference = play.reference().await;
    let (mut cells, mut wrong) = (BTreeMap::new(), Vec::new());
    for (index, point) in reference.points.iter().enumerate() {
        if !wanted(point) {
            continue;
        }
        for fault in FAULTS {
            if let Err(what) = play.cell(&reference, index, fault).await {
                play.node.app.faults.disarm();
                wrong.push(format!("{scene:?}, {point} ({index}), {fault:?}: {what}"));
            }
            *cells.entry(point.clone()).or_default() += 1;
        }
    }
    let all = reference.points.iter().filter(|point| wanted(point));
    assert_eq!(
        cells.values().sum::<usize>(),
        all.count() * FAULTS.len(),
        "{scene:?}: each point under each fault"
    );
    (cells, wrong)
}

/// Plays all scenes, and tells how much was visited.
async fn matrix(engines: Engines, wanted: fn(&str) -> bool) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut plays = JoinSet::new();
    for scene in ALL {
        let places = Arc::clone(&places);
        plays.spawn(async move {
            let _place = places.acquire().await.unwrap();
            play(engines, scene, wanted).await
        });
    }
    let (mut cells, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    while let Some(played) = plays.join_next().await {
        let (more, faults) = played.unwrap();
        for (point, count) in more {
            *cells.entry(point).or_default() += count;
        }
        wrong.extend(faults);
    }
    let sum: usize = cells.values().sum();
    let points = sum / FAULTS.len();
    println!(
        "{points} points of {} names in {} scenes × {} faults = {sum} cells: {cells:?}",
        cells.len(),
        ALL.len(),
        FAULTS.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {sum} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(sum > 0, "nothing was visited");
}

/// The judge is worth nothing that has never found anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_matrix_finds_a_commit_that_nobody_looks_at() {
    let play = Play::open(Engines::Embedded, Scene::Register).await;
    let reference = play.reference().await;
    let commit = reference.points.iter().position(|point| point == "COMMIT");
    let cell = || play.cell(&reference, commit.unwrap(), Fault::FailBefore);
    assert_eq!(cell().await, Ok(()));
    play.node.app.faults.put_back(Bug::CommitIsNotLookedAt);
    let found = cell().await.unwrap_err();
    assert!(found.contains("neither begun nor done"), "{found}");
}

on_both_engines! {
    async fn sq_03_each_statement_fails_once_and_the_same_again_makes_it_whole(engines) {
        matrix(engines, |point| !point.starts_with("kv ") && !point.starts_with("objects ")).await;
    }

    async fn rd_05_each_answer_of_the_key_value_store_is_lost_once(engines) {
        matrix(engines, |point| point.starts_with("kv ")).await;
    }

    async fn os_01_each_call_to_the_store_of_pictures_fails_once(engines) {
        matrix(engines, |point| point.starts_with("objects ")).await;
    }
}
