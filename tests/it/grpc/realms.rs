//! How codes behave in the realms that come along, as their documents want it.

mod contact;
mod customer;
mod profile;
mod school;
mod two_step;
