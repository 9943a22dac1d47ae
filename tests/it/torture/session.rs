//! The sessions of a person: what they had, and what must never work again.

use accountd::proto;
use rand::seq::IndexedRandom as _;

use super::{
    logs,
    person::Person,
    world::{Dead, End},
};

/// One login.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: String,
    /// All access tokens that it has had, the newest last.
    pub(super) access: Vec<String>,
    /// All refresh tokens that it has had, the live one last.
    pub(super) refresh: Vec<String>,
}

impl Session {
    /// The newest access token.
    pub(super) fn token(&self) -> String {
        self.access.last().cloned().unwrap_or_default()
    }
}

impl Person {
    /// Takes the tokens of a fresh session.
    pub(super) fn open(&mut self, tokens: proto::Tokens) {
        self.note(format!("session {} is open", tokens.session_id));
        if !logs::would_show(&tokens) {
            self.broken("I12", "a token that the search of the logs does not know");
        }
        let mut board = self.world.sessions.lock().unwrap();
        let of_person = board.entry(self.who.clone()).or_default();
        of_person.insert(tokens.session_id.clone());
        drop(board);
        self.sessions.push(Session {
            id: tokens.session_id,
            access: vec![tokens.access_token],
            refresh: vec![tokens.refresh_token],
        });
    }

    /// A session has ended, and its tokens must never work again: the newest, and one that it had before.
    pub(super) fn close(&mut self, place: usize, end: End) {
        let mut session = self.sessions.swap_remove(place);
        self.note(format!("session {} is over: {}", session.id, end.why));
        let mut board = self.world.sessions.lock().unwrap();
        if let Some(of_person) = board.get_mut(&self.who) {
            of_person.remove(&session.id);
        }
        drop(board);
        self.bury(Dead {
            access: session.access.pop().unwrap_or_default(),
            refresh: session.refresh.pop(),
            end,
        });
        if let Some(access) = session.access.choose(&mut self.chance).cloned() {
            let refresh = session.refresh.choose(&mut self.chance).cloned();
            self.bury(Dead {
                access,
                refresh,
                end,
            });
        }
    }

    /// Writes down that tokens must never work again.
    pub(super) fn bury(&mut self, dead: Dead) {
        let number = self.world.bury(dead);
        self.buried.push(number);
    }

    /// All sessions but one have ended.
    pub(super) fn close_others(&mut self, spared: Option<&str>, end: End) {
        while let Some(place) = self
            .sessions
            .iter()
            .position(|session| Some(session.id.as_str()) != spared)
        {
            self.close(place, end);
        }
    }
}
