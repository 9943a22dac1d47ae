//! What both benches stand on: servers in processes of their own, people who call them, and rounds of calls.

#[path = "../../tests/it/support/postgres/server.rs"]
#[expect(unreachable_pub, reason = "the tests' house has another rule")]
mod postgres;

pub(crate) mod arguments;
pub(crate) mod crowd;
pub(crate) mod engines;
pub(crate) mod pairs;
pub(crate) mod people;
pub(crate) mod process;
pub(crate) mod rounds;
pub(crate) mod server;
pub(crate) mod statistics;
pub(crate) mod table;
