//! The matrix in one process: every point of every operation under every fault.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use accountd::faults::{Bug, Fault};
use futures_util::{
    FutureExt as _,
    future::{join_all, ready},
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    ask::Ask,
    call::wrong_answer,
    scenes::{ALL, Scene, Stage},
    state::{Labels, Reference, State, Tables, difference, judge},
};
use crate::support::{
    client::Client,
    request_id::fresh_request_id,
    service::{Engines, Ground, Node, on_both_engines},
};

/// Nodes at a time: enough to use the waits of each other.
const HOUSES: usize = 12;
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

/// A node on engines of its own, on which scenes are played one after another.
struct House {
    stage: Stage,
    node: Arc<Node>,
    tables: Tables,
    /// How many hold the service while no call is under way.
    at_rest: usize,
}

/// One fault at one point of a scene.
struct Cell {
    scene: Scene,
    reference: Arc<Reference>,
    index: usize,
    fault: Fault,
}

/// A name that nobody has had before, of letters that look like no others.
pub fn fresh_name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let letter = |place: u32| char::from(b"abcdehkp"[number / 8_usize.pow(place) % 8]);
    let letters: String = (0..6).map(letter).collect();
    format!("z{letters}")
}

/// What each of these scenes passes, in this order.
pub async fn points_of(engines: Engines, scenes: &[Scene]) -> Vec<(Scene, Vec<String>)> {
    let house = House::open(engines).await;
    let mut points = Vec::new();
    for scene in scenes {
        points.push((*scene, house.reference(*scene).await.points));
    }
    points
}

/// Which visit of its point the one at `index` is.
pub fn spared(points: &[String], index: usize) -> usize {
    let before = points[..index].iter();
    before.filter(|point| **point == points[index]).count()
}

impl House {
    async fn open(engines: Engines) -> Self {
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
        let mut house = Self {
            stage,
            node,
            tables,
            at_rest: usize::MAX,
        };
        house.client().joined("warm").await;
        house.at_rest = house.rest().await;
        house
    }

    fn client(&self) -> Client {
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
    async fn begin(&self, scene: Scene, labels: &mut Labels, name: &str) -> (Ask, State) {
        self.tables.clear().await;
        let id = fresh_request_id();
        let ask = scene.prepare(&self.stage, name, &id).await;
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

    async fn reference(&self, scene: Scene) -> Reference {
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(scene, &mut labels, &name).await;
        self.node.app.faults.record();
        ask.send(None).await.unwrap();
        self.settle().await.unwrap();
        let points = self.node.app.faults.recorded();
        let after = self.tables.look(&mut labels, &self.client()).await;
        assert!(!points.is_empty(), "{scene:?} passes nothing");
        if scene.changes() {
            assert_ne!(before, after, "{scene:?} changes nothing");
        }
        Reference {
            before,
            after,
            points,
        }
    }

    /// Breaks a scene at one point in one way. What is wrong with what came of it.
    async fn cell(&self, cell: &Cell) -> Result<(), String> {
        let (reference, index, fault) = (&cell.reference, cell.index, cell.fault);
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(cell.scene, &mut labels, &name).await;
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

/// What several take from until nothing is left.
pub struct Queue<T>(Mutex<VecDeque<T>>);

impl<T> Queue<T> {
    pub fn of(all: impl IntoIterator<Item = T>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(all.into_iter().collect())))
    }

    pub fn next(&self) -> Option<T> {
        self.0.lock().unwrap().pop_front()
    }
}

/// Plays scenes without faults until none is left.
async fn learn(house: &House, scenes: &Queue<Scene>) -> Vec<(Scene, Arc<Reference>)> {
    let mut learnt = Vec::new();
    while let Some(scene) = scenes.next() {
        learnt.push((scene, Arc::new(house.reference(scene).await)));
    }
    learnt
}

/// Plays cells until none is left. What was wrong.
async fn play(house: &House, cells: &Queue<Cell>) -> Vec<String> {
    let mut wrong = Vec::new();
    while let Some(cell) = cells.next() {
        let Err(what) = house.cell(&cell).await else {
            continue;
        };
        house.node.app.faults.disarm();
        let (scene, point) = (cell.scene, &cell.reference.points[cell.index]);
        let (index, fault) = (cell.index, cell.fault);
        wrong.push(format!("{scene:?}, {point} ({index}), {fault:?}: {what}"));
    }
    wrong
}

/// Every fault at the points that `wanted` names, in all scenes; tells how much was visited.
async fn matrix(engines: Engines, wanted: fn(&str) -> bool) {
    let houses = join_all((0..HOUSES).map(|_| House::open(engines))).await;
    let scenes = Queue::of(ALL);
    let learnt = join_all(houses.iter().map(|house| learn(house, &scenes))).await;
    let (mut cells, mut visited) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (scene, reference) in learnt.into_iter().flatten() {
        for (index, point) in reference.points.iter().enumerate() {
            if !wanted(point) {
                continue;
            }
            *visited.entry(point.clone()).or_default() += FAULTS.len();
            cells.extend(FAULTS.map(|fault| Cell {
                scene,
                reference: Arc::clone(&reference),
                index,
                fault,
            }));
        }
    }
    let sum = cells.len();
    let cells = Queue::of(cells);
    let mut plays = JoinSet::new();
    for house in houses {
        let cells = Arc::clone(&cells);
        plays.spawn(async move { play(&house, &cells).await });
    }
    let wrong = plays.join_all().await.concat();
    println!(
        "{} points of {} names in {} scenes × {} faults = {sum} cells: {visited:?}",
        sum / FAULTS.len(),
        visited.len(),
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
    let house = House::open(Engines::Embedded).await;
    let reference = house.reference(Scene::Register).await;
    let commit = reference.points.iter().position(|point| point == "COMMIT");
    let cell = Cell {
        scene: Scene::Register,
        reference: Arc::new(reference),
        index: commit.unwrap(),
        fault: Fault::FailBefore,
    };
    assert_eq!(house.cell(&cell).await, Ok(()));
    house.node.app.faults.put_back(Bug::CommitIsNotLookedAt);
    let found = house.cell(&cell).await.unwrap_err();
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
