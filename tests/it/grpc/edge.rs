//! What surrounds every call: health, reflection, ids, deadlines, addresses, limits, TLS, the end.

mod deadlines;
mod forwarded;
mod health;
mod limits;
mod overload;
mod reflection;
mod request_ids;
mod shutdown;
mod tls;
