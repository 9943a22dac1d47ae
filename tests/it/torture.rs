//! Truth under torture: people live with their accounts while processes are killed, lines cut, stores emptied and clocks
//! moved; every answer is held against what it must be, and everything once more when all is quiet.
//!
//! `scripts/torture --seed N --minutes M` runs it for longer, and from a given seed.

mod acts;
mod bugs;
mod calls;
mod chance;
mod history;
mod logs;
mod nemesis;
mod person;
mod post;
mod proofs;
mod session;
mod token;
mod verdict;
mod world;

use std::{fs, sync::Arc, time::Duration};

use accountd::faults::Bug;
use sea_orm::Database;
use tokio::time::Instant;

use crate::support::{
    binary,
    cluster::{Cluster, Node},
    service::Engines,
};
use history::WHO;
use nemesis::{Nemesis, Rage};
use person::Person;
use post::{Post, Source};
use world::{Habit, World};

/// Codes that go to one address for one purpose in a day.
const DAILY: usize = 10;
/// People who live at a time.
const PEOPLE: u64 = 10;
/// Seconds of a run where nobody says otherwise.
const SECONDS: u64 = 15;

/// What a run of that length has shown at the least, also on a machine with ten times as much to do as it can. An idle one
/// shows ten times as much.
const FLOORS: [(&str, u64); 4] = [
    ("* codes used", 1),
    ("* decisions audited", 30),
    ("* letters", 5),
    ("* revocations checked", 10),
];
/// How often its processes were killed at the least.
const KILLS: u64 = 1;

/// The rules of the realm: what happened is told, and codes can be asked for at once.
const RULES: [(&str, &str); 5] = [
    ("ACCOUNTD_REALMS__DEFAULT__DISCLOSE_ACCOUNTS", "true"),
    ("ACCOUNTD_REALMS__DEFAULT__CODE_COOLDOWN", "0s"),
    ("ACCOUNTD_REALMS__DEFAULT__CODE_DAILY", "10"),
    ("ACCOUNTD_REALMS__DEFAULT__CODE_IN_A_ROW", "1000"),
    ("ACCOUNTD_GRPC__DRAIN", "2s"),
];

/// How a run goes.
struct Plan {
    engines: Engines,
    seed: u64,
    lasts: Duration,
    /// A bug that is put back.
    bug: Option<Bug>,
    /// How long letters are waited for at the end.
    letters: Option<Duration>,
    rage: Rage,
    habit: Habit,
}

/// What came of it.
struct Outcome {
    broken: Vec<String>,
    report: String,
    world: Arc<World>,
}

async fn run(plan: &Plan) -> Outcome {
    let nodes = match plan.engines {
        Engines::Embedded => 1,
        Engines::Production => 2,
    };
    let cluster = Cluster::start(plan.engines, nodes, &RULES).await;
    let (source, sql) = match plan.engines {
        Engines::Embedded => {
            let data = cluster.node(0).data();
            let sql = format!("sqlite://{}", data.join("accountd.db").display());
            (Source::Files(data.join("mail")), sql)
        }
        Engines::Production => {
            let outside = cluster.outside();
            (
                Source::Relay(outside.relay.clone()),
                outside.database.clone(),
            )
        }
    };
    let channels = cluster.nodes().iter().map(Node::channel).collect();
    let is_calm = plan.rage == Rage::None;
    let post = Post::new(source);
    let world = Arc::new(World::new(channels, post, plan.seed, plan.habit, is_calm));
    let lives: Vec<_> = (0..PEOPLE)
        .map(|number| Person::new(Arc::clone(&world), number))
        .map(|person| tokio::spawn(WHO.scope(person.who.clone(), person.live())))
        .collect();
    let mut nemesis = Nemesis::new(cluster, plan.engines, Arc::clone(&world));
    let end = Instant::now() + plan.lasts;
    if let Some(bug) = plan.bug {
        nemesis.standing = format!("bug {}\n", bug.name());
        for node in nemesis.cluster.nodes() {
            node.order(&nemesis.standing);
        }
    }
    nemesis.rage(plan.rage, end).await;
    world.history.end();
    let mut people = Vec::new();
    for life in lives {
        people.push(life.await.unwrap());
    }
    judge(plan, &world, &mut nemesis, &mut people, &sql).await;
    let is_asked_for = wish("TEST_TORTURE_MINUTES").is_some();
    if plan.bug.is_none() && (world.history.is_broken() || is_asked_for) {
        keep(plan, &world, &nemesis.cluster);
    }
    Outcome {
        broken: world.history.broken(),
        report: format!(
            "{}  slowest start {:?}\n",
            world.history.report(),
            nemesis.slowest_start
        ),
        world,
    }
}

/// Looks at everything once more when all is quiet, up to the first thing that is broken.
async fn judge(
    plan: &Plan,
    world: &World,
    nemesis: &mut Nemesis,
    people: &mut [Person],
    sql: &str,
) {
    let is_broken = || world.history.is_broken();
    if !is_broken() {
        verdict::accounts(people).await;
    }
    if !is_broken() {
        verdict::letters(world, plan.letters).await;
    }
    if !is_broken() {
        let db = Database::connect(sql).await.unwrap();
        verdict::tables::check(world, &db).await;
        verdict::audit::check(world, &db).await;
    }
    if !is_broken() {
        nemesis.raise_the_dead().await;
        logs::check(world, &nemesis.cluster);
    }
}

/// Keeps what a run leaves behind: its history, the logs of its nodes, and the database if that is a file.
fn keep(plan: &Plan, world: &World, cluster: &Cluster) {
    let name = format!("target/torture/{:?}-{}", plan.engines, plan.seed);
    let directory = binary::root().join(name);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("history"), world.history.all()).unwrap();
    for (number, node) in cluster.nodes().iter().enumerate() {
        fs::write(directory.join(format!("node-{number}.log")), node.log()).unwrap();
        for file in ["accountd.db", "accountd.db-wal"] {
            // There is none where the engine is a server.
            let _ = fs::copy(node.data().join(file), directory.join(file));
        }
    }
    println!("its history and its logs are in {}", directory.display());
}

/// What the script asks for; without it, a short run from a seed of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the script has no other way to say it"
)]
fn wish(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

async fn endure(engines: Engines) {
    let seed = wish("TEST_TORTURE_SEED").unwrap_or_else(|| rand::random_range(0..1_000_000));
    let seconds = wish("TEST_TORTURE_MINUTES").map_or(SECONDS, |minutes| minutes * 60);
    println!("torture on {engines:?} from seed {seed} for {seconds} s");
    let outcome = run(&Plan {
        engines,
        seed,
        lasts: Duration::from_secs(seconds),
        bug: None,
        letters: None,
        rage: Rage::All,
        habit: Habit::All,
    })
    .await;
    println!(
        "torture on {engines:?} from seed {seed} counted\n{}",
        outcome.report
    );
    assert!(
        outcome.broken.is_empty(),
        "seed {seed} on {engines:?} broke:\n{}",
        outcome.broken.join("\n\n")
    );
    has_shown_enough(&outcome.world, seconds);
    println!("torture on {engines:?} from seed {seed}: no invariant was broken");
}

/// A run that has hardly done anything proves nothing.
fn has_shown_enough(world: &World, seconds: u64) {
    let of_run = |least: u64| least * seconds / SECONDS;
    for (what, least) in FLOORS {
        let count = world.history.counted(what);
        let least = of_run(least);
        assert!(count >= least, "{what}: {count}, and {least} at the least");
    }
    let (kills, least) = (world.history.kills(), of_run(KILLS));
    assert!(kills >= least, "{kills} kills, and {least} at the least");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_01_nothing_acknowledged_is_lost_on_sqlite_and_memory() {
    endure(Engines::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_01_nothing_acknowledged_is_lost_on_postgres_and_redis() {
    endure(Engines::Production).await;
}
