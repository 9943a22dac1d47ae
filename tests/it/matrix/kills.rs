//! The matrix with processes: killed at every point of every operation that changes something.

use std::{fs, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::join_all};
use tokio::{task::JoinSet, time::timeout};

use super::{
    ask::Ask,
    cells::{Queue, fresh_name, points_of, spared},
    scenes::{ALL, Scene, Stage},
    state::{Labels, Reference, State, Tables, difference, judge},
};
use crate::support::{
    client::{Client, reason},
    cluster::{Cluster, Orders},
    request_id::fresh_request_id,
    service::{Engines, on_both_engines},
};

/// Processes at a time, each with engines of its own: enough to use the waits of each other.
const TOWNS: usize = 10;
/// The catalogue says 2 s; a busy machine gets three times as long.
const READY: Duration = Duration::from_secs(6);
/// The life of a claim on a letter, and a second.
const LEASE: Duration = Duration::from_secs(61);
/// What is waited for at the most, on a machine with other things to do.
const MOST: Duration = Duration::from_secs(20);

/// One process with its engines, which is killed again and again.
struct Town {
    cluster: Cluster,
    engines: Engines,
    orders: Orders,
    stage: Stage,
    tables: Tables,
    client: Client,
}

/// One end of the process in a scene.
struct Kill {
    scene: Scene,
    reference: Arc<Reference>,
    order: String,
}

impl Town {
    async fn start(engines: Engines) -> Self {
        let cluster = Cluster::start(engines, 1, &[]).await;
        let orders = cluster.node(0).orders().clone();
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
                let orders = orders.clone();
                move |time| {
                    let orders = orders.clone();
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
        }
    }

    async fn begin(&self, scene: Scene, labels: &mut Labels, name: &str) -> (Ask, State) {
        self.tables.clear().await;
        self.forget_letters();
        let id = fresh_request_id();
        let ask = scene.prepare(&self.stage, name, &id).await;
        self.mailed().await;
        (ask, self.tables.look(labels, &self.client).await)
    }

    /// Letters that are files are all read each time.
    fn forget_letters(&self) {
        if self.engines == Engines::Embedded {
            let letters = fs::read_dir(self.cluster.node(0).data().join("mail"));
            for letter in letters.into_iter().flatten() {
                fs::remove_file(letter.unwrap().path()).unwrap();
            }
        }
    }

    /// Waits until all mails have left.
    async fn mailed(&self) {
        let has_left = self.tables.all_mailed(MOST, || {}).await;
        assert!(has_left, "mails stay in the outbox");
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

    /// Plays scenes unharmed until none is left.
    async fn learn(&self, scenes: &Queue<(Scene, Vec<String>)>) -> Vec<Kill> {
        let mut kills = Vec::new();
        while let Some((scene, points)) = scenes.next() {
            let reference = Arc::new(self.reference(scene).await);
            kills.extend(orders(&points).into_iter().map(|order| Kill {
                scene,
                reference: Arc::clone(&reference),
                order,
            }));
        }
        kills
    }

    /// Kills the process once. What is wrong with what came of it.
    async fn kill(&mut self, kill: &Kill) -> Result<(), String> {
        let reference = &kill.reference;
        let name = fresh_name();
        let mut labels = Labels::new(&name);
        let (ask, before) = self.begin(kill.scene, &mut labels, &name).await;
        if before != reference.before {
            let difference = difference(&before, &reference.before);
            return Err(format!("the ground is not the same:{difference}"));
        }
        self.orders.give(&kill.order).await;
        let answer = ask.send(None).await;
        let died = timeout(MOST, self.cluster.died(0)).await;
        self.orders.give("").await;
        if died.is_err() {
            self.cluster.restart(0).await;
            return Err(format!("it lives, and answered {answer:?}"));
        }
        // A letter that it took out is let go of in time only.
        if self.tables.has_taken_letters().await {
            self.orders.pass(LEASE).await;
        }
        let took = self.cluster.restart(0).await;
        if took > READY {
            return Err(format!("it was ready after {took:?} only"));
        }
        self.mailed().await;
        let state = self.tables.look(&mut labels, &self.client).await;
        judge(answer.is_ok(), &state, reference)?;
        let is_begun = state != reference.before;
        // While the dead one's claim on the request lasts, this waits.
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
                    && kill.scene.brings_a_code()
                    && !is_begun
                    && ["CODE_INCORRECT", "CODE_EXPIRED"].contains(&reason(&status).as_str()) =>
            {
                Ok(())
            }
            Err(status) => Err(format!("the same again was answered {status:?}")),
        }
    }

    /// Is killed until no kill is left. What was wrong.
    async fn suffer(mut self, kills: &Queue<Kill>) -> Vec<String> {
        let mut wrong = Vec::new();
        while let Some(kill) = kills.next() {
            if let Err(what) = self.kill(&kill).await {
                wrong.push(format!("{:?}, {}: {what}", kill.scene, kill.order));
            }
        }
        wrong
    }
}

/// The orders to kill whatever passes these points: before each of them, and after each whose effect may last.
///
/// Behind all others, things are as before the next point, where it is killed as well.
fn orders(points: &[String]) -> Vec<String> {
    let mut orders = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let spared = spared(points, index);
        orders.push(format!("at kill_before {spared} {point}"));
        let is_last = index + 1 == points.len();
        if is_last || may_last(point) {
            orders.push(format!("at kill_after {spared} {point}"));
        }
    }
    orders
}

fn may_last(point: &str) -> bool {
    let is_elsewhere = point.starts_with("kv ") || point.starts_with("objects ");
    point == "COMMIT" || (is_elsewhere && point != "kv look")
}

on_both_engines! {
    async fn px_02_killed_at_every_point_it_has_done_all_or_nothing(engines) {
        let scenes: Vec<Scene> = ALL.into_iter().filter(|scene| scene.changes()).collect();
        let towns = join_all((0..TOWNS).map(|_| Town::start(engines)));
        let (points, towns) = tokio::join!(points_of(engines, &scenes), towns);
        let points = Queue::of(points);
        let kills = join_all(towns.iter().map(|town| town.learn(&points))).await.into_iter();
        let kills: Vec<Kill> = kills.flatten().collect();
        let sum = kills.len();
        let kills = Queue::of(kills);
        let mut shares = JoinSet::new();
        for town in towns {
            let kills = Arc::clone(&kills);
            shares.spawn(async move { town.suffer(&kills).await });
        }
        let wrong = shares.join_all().await.concat();
        println!("{sum} kills in {} scenes", scenes.len());
        assert!(wrong.is_empty(), "{} of {sum}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(sum > scenes.len(), "nothing was visited");
    }
}
