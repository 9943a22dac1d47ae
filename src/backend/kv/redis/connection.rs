//! One connection type for a single node and for a cluster.

use redis::{
    Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster_async::ClusterConnection,
};

/// A connection that calls share; clones are cheap.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one node, with a number that no other connection of this process has.
    Node(MultiplexedConnection, u64),
    /// To all masters of a cluster.
    Cluster(ClusterConnection),
}

impl Connection {
    /// Whether nothing good will come from this connection any more after `error`.
    ///
    /// A cluster's connection repairs itself node by node, and one dead node must not cost the others theirs.
    pub(super) fn is_lost(&self, error: &RedisError) -> bool {
        let demoted = [ServerErrorKind::ReadOnly, ServerErrorKind::MasterDown]
            .map(ErrorKind::Server)
            .contains(&error.kind());
        let stranger = error.code() == Some("NOAUTH");
        matches!(self, Self::Node(..))
            && (demoted || stranger || error.is_io_error() || error.is_unrecoverable_error())
    }

    /// Whether a missing answer means that the connection should be made anew.
    pub(super) fn is_lost_in_silence(&self) -> bool {
        matches!(self, Self::Node(..))
    }

    /// Its number; none for a cluster's, which is many.
    pub(super) const fn number(&self) -> Option<u64> {
        match self {
            Self::Node(_, number) => Some(*number),
            Self::Cluster(_) => None,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Node(node, _) => node.req_packed_command(cmd),
            Self::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Node(node, _) => node.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Node(node, _) => node.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}
