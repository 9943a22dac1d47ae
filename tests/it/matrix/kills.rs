//! The matrix with processes: killed before and after every point of every operation that changes something.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    ask::Ask,
    cells::{Reference, difference, fresh_name, judge, points_of, request_id},
    scenes::{ALL, Scene, Stage},
    state::{Labels, State, Tables},
};
use crate::support::{
    client::{Client, reason},
    cluster::Cluster,
    service::{Engines, on_both_engines},
};

/// Clusters at a time, each with a share of the scenes.
const CLUSTERS: usize = 4;
/// The catalogue says 2 s; a busy machine gets three times as long.
const READY: Duration = Duration::from_secs(6);
/// The life of a claim on a letter, and a second.
const LEASE: Duration = Duration::from_secs(61);
/// What is waited for at the most, on a machine with other things to do.
const MOST: Duration = Duration::from_secs(20);

/// What a process under test is told, by a file.
pub struct Orders {
    path: PathBuf,
    /// By how many milliseconds its clock is ahead.
    ahead: AtomicU64,
}

impl Orders {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            ahead: AtomicU64::new(0),
        }
    }

    /// Gives one more order, or takes it back.
    pub async fn give(&self, order: &str) {
        let mut text = format!("clock {}\n", self.ahead.load(Ordering::Relaxed));
        if !order.is_empty() {
            writeln!(text, "{order}").unwrap();
        }
        let draft = self.path.with_extension("draft");
        fs::write(&draft, text).unwrap();
        fs::rename(&draft, &self.path).unwrap();
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

/// One process with its engines, which is killed again and again.
struct Town {
    cluster: Cluster,
    engines: Engines,
    orders: Arc<Orders>,
    stage: Stage,
    tables: Tables,
    client: Client,
    _directory: tempfile::TempDir,
}

impl Town {
    async fn start(engines: Engines) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("orders");
        let variables = [("TEST_FAULTS", path.to_str().unwrap())];
        let cluster = Cluster::start(engines, 1, &variables).await;
        let orders = Arc::new(Orders::new(path.clone()));
        let client = cluster.node(0).client();
        let stage = Stage::new(
            {
                let client = client.clone();
                move |realm| {
                    let mut client = client.clone();
                    realm.clone_into(&mut client.realm);
                    client
                }
            },
            {
                let orders = Arc::clone(&orders);
                move |time| {
                    let orders = Arc::clone(&orders);
                    async move { orders.pass(time).await }.boxed()
                }
            },
        );
        let url = match engines {
            Engines::Embedded => {
                let file = cluster.node(0).served().data().join("accountd.db");
                format!("sqlite://{}", file.display())
            }
            Engines::Production => cluster.outside().database.clone(),
        };
        Self {
            tables: Tables::open(&url).await,
            cluster,
            engines,
            orders,
            stage,
            client,
            _directory: directory,
        }
    }

    async fn begin(&self, scene: Scene, labels: &mut Labels, name: &str) -> (Ask, State) {
        self.tables.clear().await;
        let ask = scene.prepare(&self.stage, name, &request_id()).await;
        self.mailed().await;
        (ask, self.tables.look(labels, &self.client).await)
    }

    /// Waits until all mails have left. A letter that a process took out before it died is let go of in time only.
    async fn mailed(&self) {
        if !self
            .tables
            .all_mailed(Duration::from_millis(1200), || {})
            .await
        {
            self.orders.pass(LEASE).await;
            assert!(
                self.tables.all_mailed(MOST, || {}).await,
                "mails stay in the outbox"
            );
        }
    }

    async fn reference(&self, scene: Scene) -> Reference {
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(scene, &mut labels, &name).await;
        ask.send(None).await.unwrap();
        self.mailed().await;
        let after = self.tables.look(&mut labels, &self.client).await;
        assert_ne!(before, after, "{scene:?} changes nothing");
        Reference {
            before,
            after,
            points: Vec::new(),
        }
    }

    /// Kills the process at a point of a scene. What is wrong with what came of it.
    async fn cell(
        &mut self,
        scene: Scene,
        reference: &Reference,
        order: &str,
    ) -> Result<(), String> {
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(scene, &mut labels, &name).await;
        if before != reference.before {
            let difference = difference(&before, &reference.before);
            return Err(format!("the ground is not the same:{difference}"));
        }
        self.orders.give(order).await;
        let answer = ask.send(None).await;
        let died = timeout(MOST, self.cluster.died(0)).await;
        self.orders.give("").await;
        if died.is_err() {
            self.cluster.restart(0).await;
            return Err(format!("it lives, and answered {answer:?}"));
        }
        let took = self.cluster.restart(0).await;
        if took > READY {
            return Err(format!("it was ready after {took:?} only"));
        }
        self.mailed().await;
        let state = self.tables.look(&mut labels, &self.client).await;
        judge(answer.is_ok(), &state, reference)?;
        let is_begun = state != reference.before;
        self.forget_claims().await;
        match ask.send(Some(MOST)).await {
            Ok(tokens) => {
                self.mailed().await;
                let state = self.tables.look(&mut labels, &self.client).await;
                if state != reference.after {
                    let difference = difference(&state, &reference.after);
                    return Err(format!("the same again has done otherwise:{difference}"));
                }
                if let Some(tokens) = tokens {
                    let owner = ask.client.with(&tokens.access_token);
                    let current = owner.current().await;
                    current.map_err(|status| format!("the tokens do not work: {status:?}"))?;
                }
                Ok(())
            }
            // Live codes that were in the memory of the process are gone with it: another one is asked for.
            Err(status)
                if self.engines == Engines::Embedded
                    && scene.brings_a_code()
                    && !is_begun
                    && ["CODE_INCORRECT", "CODE_EXPIRED"].contains(&reason(&status).as_str()) =>
            {
                Ok(())
            }
            Err(status) => Err(format!("the same again was answered {status:?}")),
        }
    }

    /// Lets the claims of the dead end: they do so by themselves, in half a minute.
    async fn forget_claims(&self) {
        if self.engines == Engines::Embedded {
            return;
        }
        let mut redis = self.cluster.outside().redis.connection().await;
        let claims: Vec<String> = redis::cmd("KEYS")
            .arg("*:claim")
            .query_async(&mut redis)
            .await
            .unwrap();
        for claim in claims {
            let () = redis::cmd("DEL")
                .arg(claim)
                .query_async(&mut redis)
                .await
                .unwrap();
        }
    }
}

/// Kills one process at all points of these scenes. How many, and what was wrong.
async fn kill(engines: Engines, scenes: Vec<Scene>) -> (usize, Vec<String>) {
    let mut town = Town::start(engines).await;
    let (mut kills, mut wrong) = (0, Vec::new());
    for scene in scenes {
        let points: BTreeSet<String> = points_of(engines, scene).await.into_iter().collect();
        let reference = town.reference(scene).await;
        for point in &points {
            // After a question, all is as before it.
            let is_question = point.starts_with("SELECT") || point == "kv find_revoked";
            let faults = ["kill_before", "kill_after"].into_iter();
            for fault in faults.take(if is_question { 1 } else { 2 }) {
                let order = format!("at {fault} 0 {point}");
                if let Err(what) = town.cell(scene, &reference, &order).await {
                    wrong.push(format!("{scene:?}, {order}: {what}"));
                }
                kills += 1;
            }
        }
    }
    (kills, wrong)
}

on_both_engines! {
    async fn px_02_killed_at_every_point_it_has_done_all_or_nothing(engines) {
        let scenes: Vec<Scene> = ALL.into_iter().filter(|scene| scene.changes()).collect();
        let mut shares = JoinSet::new();
        for number in 0..CLUSTERS {
            let share = scenes.iter().copied().skip(number).step_by(CLUSTERS);
            shares.spawn(kill(engines, share.collect()));
        }
        let (mut kills, mut wrong) = (0, Vec::new());
        while let Some(share) = shares.join_next().await {
            let (more, faults) = share.unwrap();
            kills += more;
            wrong.extend(faults);
        }
        println!("{kills} kills in {} scenes", scenes.len());
        assert!(wrong.is_empty(), "{} of {kills}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(kills > scenes.len(), "nothing was visited");
    }
}
