//! Pictures that were read lately, in memory.
//!
//! A picture never changes, so what is here cannot be out of date; which picture an account has is never asked here.
//! Bytes that somebody is still sending count as long as that lasts, so that slow clients cannot make it take more than
//! its room. Nothing is taken before the first picture is read.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use bytes::Bytes;
use hashlink::LinkedHashMap;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Found, Variant};
use crate::error::Result;

/// The part of the room that one picture may take.
const SHARE: usize = 8;

/// One form of one picture.
pub(super) type Name = (Uuid, Variant);

/// A form of a picture whose bytes were compared with their digest.
#[derive(Debug)]
pub struct Picture {
    /// What it is.
    pub found: Arc<Found>,
    /// The whole of it.
    pub bytes: Bytes,
}

/// A bounded number of bytes of pictures; clones share it.
#[derive(Clone)]
pub struct Cache {
    most: usize,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    /// Bytes of all that is kept or being read.
    taken: usize,
    /// Those in memory; the one that was not used for the longest time comes first.
    kept: LinkedHashMap<Name, Kept>,
    /// Those that somebody reads just now.
    read: HashMap<Name, Weak<Reading>>,
    /// How often what nobody uses was let go.
    round: u64,
}

struct Kept {
    picture: Arc<Picture>,
    /// The round that it was last used in.
    used: u64,
}

/// Where a picture is to be had.
pub(super) enum Place {
    /// Here it is.
    Kept(Arc<Picture>),
    /// The caller, or another who came before, reads it for all.
    Reading(Arc<Reading>),
    /// In the store alone: it is too large, or all room is in use.
    Store,
}

/// A picture that is being read, and the room for it until the last reader leaves without it.
pub(super) struct Reading {
    cache: Cache,
    name: Name,
    size: usize,
    cell: OnceCell<Result<Arc<Picture>>>,
}

impl Cache {
    /// Keeps `most` bytes in all, and an eighth of them of one picture; nothing when it is 0.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            shelf: Arc::default(),
        }
    }

    /// Bytes that are in use, those of pictures on their way from the store among them.
    pub fn bytes(&self) -> usize {
        self.lock().taken
    }

    /// Lets go of what nobody has asked for since this was called before, and nobody is sending: pictures that have been
    /// deleted, here or by another process, among others.
    pub fn forget_unused(&self) {
        let mut held = self.lock();
        let round = held.round;
        let unused = held.idle().filter(|(_, kept)| kept.used < round);
        let names = unused.map(|(name, _)| name).collect();
        held.remove(names);
        held.round += 1;
    }

    /// The picture, if it is in memory.
    pub(super) fn get(&self, name: Name) -> Option<Arc<Picture>> {
        self.lock().get(name)
    }

    /// Where to have the picture from, with the room for it if it is to be read.
    pub(super) fn seek(&self, found: &Found) -> Place {
        let name = found.name();
        let mut held = self.lock();
        if let Some(picture) = held.get(name) {
            return Place::Kept(picture);
        }
        if let Some(reading) = held.read.get(&name).and_then(Weak::upgrade) {
            return Place::Reading(reading);
        }
        let size = usize::try_from(found.size).unwrap_or(usize::MAX);
        if size > self.most / SHARE || !held.make_room(size, self.most) {
            return Place::Store;
        }
        let reading = Arc::new(Reading {
            cache: self.clone(),
            name,
            size,
            cell: OnceCell::new(),
        });
        held.read.insert(name, Arc::downgrade(&reading));
        Place::Reading(reading)
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn get(&mut self, name: Name) -> Option<Arc<Picture>> {
        let round = self.round;
        let kept = self.kept.to_back(&name)?;
        kept.used = round;
        Some(Arc::clone(&kept.picture))
    }

    /// Those that nobody is sending, the one that was not used for the longest time first.
    fn idle(&self) -> impl Iterator<Item = (Name, &Kept)> {
        let all = self.kept.iter();
        let idle = all.filter(|(_, kept)| Arc::strong_count(&kept.picture) == 1);
        idle.map(|(name, kept)| (*name, kept))
    }

    /// Takes `size` bytes of `most`, from pictures that nobody is sending where need be; or changes nothing.
    fn make_room(&mut self, size: usize, most: usize) -> bool {
        let mut over = (self.taken + size).saturating_sub(most);
        let mut victims = Vec::new();
        for (name, kept) in self.idle() {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(kept.picture.bytes.len());
            victims.push(name);
        }
        if over > 0 {
            return false;
        }
        self.remove(victims);
        self.taken += size;
        true
    }

    fn remove(&mut self, names: Vec<Name>) {
        for name in names {
            if let Some(kept) = self.kept.remove(&name) {
                self.taken -= kept.picture.bytes.len();
            }
        }
    }
}

impl Reading {
    /// The picture as `read` brings it, or its refusal, for all who wait for it.
    ///
    /// Whoever began may leave: then another of them begins anew.
    pub(super) async fn picture(
        &self,
        read: impl Future<Output = Result<Arc<Picture>>>,
    ) -> Result<Arc<Picture>> {
        let read = async {
            let done = read.await;
            let mut held = self.cache.lock();
            // Who comes from here on finds it in memory, or tries again.
            held.read.remove(&self.name);
            if let Ok(picture) = &done {
                let (picture, used) = (Arc::clone(picture), held.round);
                held.kept.insert(self.name, Kept { picture, used });
            }
            done
        };
        self.cell.get_or_init(|| read).await.clone()
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if matches!(self.cell.get(), Some(Ok(_))) {
            return;
        }
        let mut held = self.cache.lock();
        held.taken -= self.size;
        // Another may have begun to read it since.
        let is_over = |reading: &Weak<Self>| reading.strong_count() == 0;
        if held.read.get(&self.name).is_some_and(is_over) {
            held.read.remove(&self.name);
        }
    }
}

/// Without the pictures.
impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Cache");
        text.field("most", &self.most).finish_non_exhaustive()
    }
}
