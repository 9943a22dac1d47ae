//! What a Redis says of itself, for whoever sets it up.

/// One master. What it does not tell, or is not permitted to tell, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Host and port, where there are several.
    pub address: Option<String>,
    /// Its version, `7.2.4`.
    pub version: Option<String>,
    /// `standalone`, `sentinel` or `cluster`.
    pub mode: Option<String>,
    /// Whether it is the master, and no replica.
    pub is_master: Option<bool>,
    /// Its `maxmemory-policy`.
    pub eviction: Option<String>,
    /// Whether it appends each change to a file.
    pub appends: Option<bool>,
    /// Its `appendfsync`. Only CONFIG tells, which managed services forbid.
    pub fsync: Option<String>,
    /// Its `save`: when it writes snapshots, empty for never. Only CONFIG tells.
    pub snapshots: Option<String>,
    /// Whether its last attempt to write to the disk succeeded.
    pub writes: Option<bool>,
    /// Replicas that follow it.
    pub replicas: Option<u32>,
    /// Milliseconds by which its clock is ahead of ours; negative where it is behind.
    pub ahead: Option<i64>,
}

impl Server {
    /// Takes in the text of INFO.
    pub(super) fn read_info(&mut self, info: &str) {
        let field = |name: &str| {
            let mut lines = info.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.map(|value| value.trim().to_owned())
        };
        self.version = field("redis_version");
        self.mode = field("redis_mode");
        self.is_master = field("role").map(|role| role == "master");
        self.eviction = field("maxmemory_policy");
        self.appends = field("aof_enabled").map(|enabled| enabled == "1");
        self.replicas = field("connected_slaves").and_then(|count| count.parse().ok());
        let status = ["rdb_last_bgsave_status", "aof_last_write_status"].map(field);
        if status.iter().any(Option::is_some) {
            self.writes = Some(!status.iter().flatten().any(|status| status == "err"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_info_tells_is_read_and_the_rest_is_not_made_up() {
        let mut server = Server::default();
        server.read_info(
            "# Server\r\nredis_version:7.2.4\r\nredis_mode:standalone\r\n# Memory\r\nmaxmemory_policy:allkeys-lru\r\n\
             # Persistence\r\nrdb_last_bgsave_status:err\r\naof_enabled:0\r\n",
        );
        let expected = Server {
            version: Some("7.2.4".into()),
            mode: Some("standalone".into()),
            eviction: Some("allkeys-lru".into()),
            appends: Some(false),
            writes: Some(false),
            ..Server::default()
        };
        assert_eq!(server, expected);
    }
}
