//! Where a call came from.

use std::net::{IpAddr, Ipv4Addr};

use http::{Extensions, HeaderMap};
use ipnet::IpNet;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

/// The address of the client: that of the connection, or what a trusted proxy says of the one before it.
///
/// `x-forwarded-for` is read from the right: each trusted proxy has added the address that it saw, and the first one
/// that is not a trusted proxy's is the client's. What stands left of it was written by the client itself (AZ-09).
pub(super) fn peer(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = connection(extensions)
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
        .to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&address) {
        return address;
    }
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        address = hop.to_canonical();
        if !is_trusted(&address) {
            break;
        }
    }
    address
}

fn connection(extensions: &Extensions) -> Option<IpAddr> {
    let tcp = extensions.get::<TcpConnectInfo>();
    let tls = extensions
        .get::<TlsConnectInfo<TcpConnectInfo>>()
        .map(TlsConnectInfo::get_ref);
    Some(tcp.or(tls)?.remote_addr()?.ip())
}
