//! Sessions: which there are, and their end.

use std::{collections::BTreeSet, sync::Arc};

use accountd::proto;
use rand::seq::IteratorRandom as _;

use super::super::{calls::Verdict, person::Person, world::End};

const OUT: End = End {
    invariant: "I1",
    why: "logged out",
};
const OUT_EVERYWHERE: End = End {
    invariant: "I1",
    why: "logged out everywhere",
};
const REVOKED: End = End {
    invariant: "I1",
    why: "revoked",
};

impl Person {
    /// The sessions that are listed are those that were opened and not ended.
    pub(in super::super) async fn list(&mut self, place: usize) {
        let session = self.sessions[place].clone();
        let message = proto::ListSessionsRequest {
            page_size: 100,
            ..proto::ListSessionsRequest::default()
        };
        let id = format!("ListSessions-{}", self.world.number());
        let (node, world) = (self.node(), Arc::clone(&self.world));
        let answer = world
            .call::<_, proto::ListSessionsResponse>(
                node,
                "ListSessions",
                &message,
                &session.token(),
                &id,
            )
            .await;
        match answer {
            Verdict::Done(answer) => {
                let listed: BTreeSet<&str> =
                    answer.sessions.iter().map(|one| one.id.as_str()).collect();
                let own = self.sessions.iter().map(|one| one.id.as_str());
                if listed != own.collect() {
                    self.broken("I10", format!("{listed:?} are not the sessions"));
                }
                let mut current = answer.sessions.iter().filter(|one| one.current);
                if current.any(|one| one.id != session.id) {
                    self.broken("I14", "a session is taken for another");
                }
                world.history.count("* lists of sessions compared");
            }
            Verdict::Refused(reason) => self.renew(place, &reason).await,
            Verdict::Unknown => {}
        }
    }

    pub(super) async fn log_out(&mut self, place: usize) {
        let all = self.one_in(5);
        let message = proto::LogoutRequest {
            all_sessions: all,
            request_id: self.world.request_id(),
            ..proto::LogoutRequest::default()
        };
        match self
            .change::<_, proto::LogoutResponse>(place, "Logout", &message)
            .await
        {
            Some(Ok(_)) if all => self.close_others(None, OUT_EVERYWHERE),
            Some(Ok(_)) => self.close(place, OUT),
            Some(Err(reason)) => self.broken("I11", format!("a logout is refused: {reason}")),
            None => return,
        }
        self.check_buried().await;
    }

    /// Ends another session of one's own.
    pub(super) async fn revoke(&mut self, place: usize) {
        let other = (place + 1) % self.sessions.len();
        if other == place {
            return;
        }
        let message = proto::RevokeSessionRequest {
            session_id: self.sessions[other].id.clone(),
            request_id: self.world.request_id(),
        };
        match self
            .change::<_, proto::RevokeSessionResponse>(place, "RevokeSession", &message)
            .await
        {
            Some(Ok(_)) => {
                let ended = self
                    .sessions
                    .iter()
                    .position(|one| one.id == message.session_id);
                if let Some(ended) = ended {
                    self.close(ended, REVOKED);
                }
                self.check_buried().await;
            }
            Some(Err(reason)) => self.broken("I11", format!("a revocation is refused: {reason}")),
            None => {}
        }
    }

    /// Tries to end a session of somebody else.
    pub(super) async fn revoke_foreign(&mut self, place: usize) {
        let foreign = {
            let board = self.world.sessions.lock().unwrap();
            let others = board.iter().filter(|(who, _)| **who != self.who);
            others
                .flat_map(|(_, ids)| ids)
                .choose(&mut self.chance)
                .cloned()
        };
        let Some(session_id) = foreign else {
            return;
        };
        let message = proto::RevokeSessionRequest {
            session_id,
            request_id: self.world.request_id(),
        };
        match self
            .change::<_, proto::RevokeSessionResponse>(place, "RevokeSession", &message)
            .await
        {
            Some(Ok(_)) => self.broken("I14", "somebody else's session was ended"),
            Some(Err(reason)) if reason == "SESSION_NOT_FOUND" => {}
            Some(Err(reason)) => self.broken("I14", format!("it is told as {reason}")),
            None => {}
        }
    }
}
