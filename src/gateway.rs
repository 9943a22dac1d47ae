//! REST: five documents, each a dialect of its own, translated to the contract and back.
//!
//! A dialect is a client of the contract and knows nothing else of ours but what is counted. It reads what its document calls a request,
//! makes the call through [`api`], and writes what its document calls an answer; a refusal comes back as a
//! `refusal::Refusal`, whose reason each dialect turns into its own words by a match without a wildcard.
//!
//! What they have in common stands beside them: `body` reads requests, `caller` knows what goes along with a call,
//! `fault` has what can go wrong before any call, `edge` does what front ends expect of every answer, `docs` serves
//! the OpenAPI document and its page, and [`serve()`] listens.

pub mod api;
mod body;
mod caller;
mod contact;
mod customer;
mod docs;
mod edge;
mod fault;
mod now;
mod profile;
mod refusal;
mod school;
pub mod serve;
mod text;
mod two_step;

pub use api::{Api, Transport};
pub use edge::Options;
pub use now::Now;
pub use serve::{Mount, serve};

use axum::Router;

/// One of the five documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `school.txt`: a school library; a session in a cookie.
    School,
    /// `customer.txt`: a shop with profile pictures.
    Customer,
    /// `contact.txt`: courses; an email, a phone number.
    Contact,
    /// `profile.txt`: a shop with bare tokens.
    Profile,
    /// `two_step.txt`: each login by a code.
    TwoStep,
}

impl Dialect {
    /// The dialect of that name, as the configuration spells it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "school" => Self::School,
            "customer" => Self::Customer,
            "contact" => Self::Contact,
            "profile" => Self::Profile,
            "two_step" => Self::TwoStep,
            _ => return None,
        })
    }

    /// Its name, as the configuration spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Customer => "customer",
            Self::Contact => "contact",
            Self::Profile => "profile",
            Self::TwoStep => "two_step",
        }
    }

    /// Its endpoints, with their document and what every answer has, over the contract's client `api`.
    pub fn router(self, api: Api, options: &Options) -> Router {
        let (endpoints, describe, fallback) = match self {
            Self::School => school::routes(options),
            Self::Customer => customer::routes(options),
            Self::Contact => contact::routes(),
            Self::Profile => profile::routes(),
            Self::TwoStep => two_step::routes(),
        };
        let router = endpoints
            .merge(docs::routes(describe, options))
            .with_state(api);
        edge::layered(self.name(), router, fallback, options)
    }
}
