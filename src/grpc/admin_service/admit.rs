//! Who the operator is, and whether it may.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use tonic::{
    Request, Status,
    transport::server::{TcpConnectInfo, TlsConnectInfo},
};

use super::{Admins, Ask};
use crate::{
    accounts::limit,
    app::{Call, Realm},
    audit::{self, Trail},
    error::{Error, Result},
    grpc::status::status,
    operators::{Operator, Presented},
};

/// The certificates that the connection's client has shown, its own first.
type Certificates = Arc<Vec<CertificateDer<'static>>>;

/// What the client of a request has shown by TLS.
pub(super) fn certificate<Q>(request: &Request<Q>) -> Option<Certificates> {
    let tls = request
        .extensions()
        .get::<TlsConnectInfo<TcpConnectInfo>>()?;
    tls.peer_certs()
}

impl Admins {
    /// The call in its operator's name, and the realm that it is for. Who calls comes before what is asked, so that a
    /// stranger learns nothing from the answer (AIP-211).
    pub(super) async fn admit<Q: Ask>(
        &self,
        call: Arc<Call>,
        certificate: Option<Certificates>,
        realm: &str,
    ) -> Result<(Arc<Call>, Arc<Realm>), Status> {
        let shown = certificate.as_ref().and_then(|chain| chain.first());
        let mut named = Call::clone(&call);
        let served = self.app.realm(realm);
        let trail = Trail {
            // What is asked of a realm that is not served is noted in the one that who looks for it would name.
            realm: served
                .as_ref()
                .map_or_else(|_| String::from("default"), |realm| realm.name().to_owned()),
            ..Trail::default()
        };
        let done = match self.meet(&call, shown).await {
            Ok(operator) => {
                let served = may::<Q>(&operator, served);
                named.operator = Some(Arc::new(operator));
                served
            }
            Err(error) => Err(error),
        };
        audit::refused(&self.app, &named, Q::ACTION, &trail, done)
            .await
            .map(|realm| (Arc::new(named), realm))
            .map_err(|error| status(&error, &call.request_id))
    }

    /// Refuses who is no operator, before the message is there that says what is asked.
    pub(super) async fn greet<Q: Ask>(
        &self,
        call: &Call,
        certificate: Option<&Certificates>,
    ) -> Result<(), Status> {
        let shown = certificate.and_then(|chain| chain.first());
        let trail = Trail {
            realm: String::from("default"),
            ..Trail::default()
        };
        let done = self.meet(call, shown).await.map(drop);
        audit::refused(&self.app, call, Q::ACTION, &trail, done)
            .await
            .map_err(|error| status(&error, &call.request_id))
    }

    /// A token counts before a certificate: the connection may be a proxy's.
    async fn recognise(
        &self,
        call: &Call,
        certificate: Option<&CertificateDer<'static>>,
    ) -> Result<Operator> {
        let presented = match (call.bearer.as_deref(), certificate) {
            (Some(token), _) => Presented::Token(token),
            (None, Some(certificate)) => Presented::Certificate(certificate),
            (None, None) => return Err(Error::TokenMissing),
        };
        self.operators
            .recognise(presented, self.app.clock.now())
            .await
    }

    /// Refuses who is no operator, as often as the address has calls left. An operator is not counted: what it does is its own.
    async fn meet(
        &self,
        call: &Call,
        certificate: Option<&CertificateDer<'static>>,
    ) -> Result<Operator> {
        let found = self.recognise(call, certificate).await;
        if found.is_err() {
            limit::take_of_address(&self.app, call.peer).await?;
        }
        found
    }
}

/// The realm, if the operator may do what is asked in it. Which realms there are is not told to who may act in none of them.
fn may<Q: Ask>(operator: &Operator, realm: Result<Arc<Realm>>) -> Result<Arc<Realm>> {
    let name = match &realm {
        Ok(realm) => realm.name(),
        Err(Error::RealmUnknown { realm }) => realm.as_str(),
        Err(_) => "",
    };
    operator.require(Q::SCOPE, name)?;
    realm
}
