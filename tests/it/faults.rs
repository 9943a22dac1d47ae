//! The service between engines that fail: what callers are told, what is kept, and how soon all is well again.

mod calls;
mod commit;
mod contention;
mod cut_off;
mod lists;
mod mail_away;
mod overload;
mod proxy;
mod redis_away;
mod rolling;
mod soak;
mod sql_away;
mod standstill;
mod start;
