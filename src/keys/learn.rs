//! A key that another node has begun to use before this one has read it.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use super::{Keys, Kind, files, secret};

/// Time between two looks into the directory. Whoever presents made-up ids causes so few, and each lists names alone.
const BETWEEN: Duration = Duration::from_millis(100);

/// When the last look began.
#[derive(Debug, Default)]
pub(super) struct Looks(Arc<Mutex<Option<Instant>>>);

impl Keys {
    /// Looks for new keys, unless there is one with this id: before what was made with it is refused.
    ///
    /// There is one look at a time, ten a second at the most, and whoever comes in between waits for the next.
    pub async fn learn(&self, id: &str) {
        self.learn_unless(|keys| keys.knows(id)).await;
    }

    /// [`Keys::learn`] of the secret that a message was sealed with.
    pub async fn learn_sealed(&self, sealed: &[u8]) {
        if let Some(id) = secret::sealed_with(sealed) {
            self.learn(id).await;
        }
    }

    /// Looks for new keys, unless `is_known`.
    pub async fn learn_unless(&self, is_known: impl Fn(&Self) -> bool) {
        if is_known(self) {
            return;
        }
        let asked = Instant::now();
        let mut last = Arc::clone(&self.0.looks.0).lock_owned().await;
        // A look that began after the question has its answer, whatever it is.
        if is_known(self) || last.is_some_and(|last| last >= asked) {
            return;
        }
        let keys = self.clone();
        // To its end, whoever leaves meanwhile: those who wait go by its having been made.
        let look = tokio::spawn(async move {
            if let Some(last) = *last {
                sleep_until(last + BETWEEN).await;
            }
            *last = Some(Instant::now());
            // Why a directory cannot be used is told by those who read it on their rounds; here it would fill the log.
            let _ = spawn_blocking(move || keys.read_if_new()).await;
        });
        let _ = look.await;
    }

    fn knows(&self, id: &str) -> bool {
        let set = self.0.set.load();
        set.signing.find(id).is_some() || set.secrets.find(id).is_some()
    }

    /// Reads the directory again if it has a key that is not known.
    fn read_if_new(&self) {
        let is_new = [Kind::Signing, Kind::Secret].into_iter().any(|kind| {
            let ids = files::ids(&self.0.directory, kind).unwrap_or_default();
            ids.iter().any(|id| !self.knows(id.as_str()))
        });
        if is_new && matches!(self.reload(), Ok(true)) {
            tracing::info!("a new key was met, and the keys were read again");
        }
    }
}
