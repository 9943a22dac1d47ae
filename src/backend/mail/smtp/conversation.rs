//! The words with a relay, one letter at a time.

use std::{error::Error as _, fmt, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use secrecy::ExposeSecret as _;

use super::{Security, SmtpOptions};
use crate::backend::mail::{OpenError, SendError};

/// How to begin a conversation.
pub(super) struct Dialler {
    host: String,
    port: u16,
    timeout: Duration,
    hello: ClientId,
    security: Security,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
}

impl fmt::Debug for Dialler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialler")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl Dialler {
    pub(super) fn open(options: SmtpOptions) -> Result<Self, OpenError> {
        options.check()?;
        let tls = options.tls()?;
        let credentials = options
            .username
            .zip(options.password)
            .map(|(name, word)| Credentials::new(name, word.expose_secret().to_owned()));
        Ok(Self {
            tls,
            credentials,
            host: options.host,
            port: options.port,
            timeout: options.timeout,
            hello: options
                .hello_name
                .map_or_else(ClientId::default, ClientId::Domain),
            security: options.security,
        })
    }

    /// Connects, protects the connection and logs in. Whatever fails here is no letter's fault.
    pub(super) async fn dial(&self) -> Result<Conversation, SendError> {
        let at_once = match self.security {
            Security::Tls => self.tls.clone(),
            Security::StartTls | Security::None => None,
        };
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(self.timeout),
            &self.hello,
            at_once,
            None,
        )
        .await
        .map_err(|error| closed("the connection", &error))?;
        if let (Security::StartTls, Some(tls)) = (self.security, &self.tls) {
            connection
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(|error| closed("STARTTLS", &error))?;
        }
        if let Some(credentials) = &self.credentials {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
                .await
                .map_err(|error| closed("AUTH", &error))?;
        }
        Ok(Conversation(connection))
    }
}

/// A relay that has let us in.
pub(super) struct Conversation(AsyncSmtpConnection);

impl Conversation {
    pub(super) async fn is_alive(&mut self) -> bool {
        self.0.test_connected().await
    }

    /// Forgets the letter under way. False if the relay is gone.
    pub(super) async fn reset(&mut self) -> bool {
        self.0.command(Rset).await.is_ok()
    }

    /// Says from whom and to whom, up to the relay's invitation to send the letter.
    pub(super) async fn envelope(&mut self, from: &Address, to: &Address) -> Result<(), SendError> {
        let mut parameters = Vec::new();
        if !is_ascii(to) || !is_ascii(from) {
            if !self
                .0
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                return Err(SendError::Never(
                    "the relay takes ASCII addresses only".to_owned(),
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mail = Mail::new(Some(from.clone()), parameters);
        // The sender is ours: a refusal of it is for us to mend, and no letter's fault.
        (self.0.command(mail).await).map_err(|error| closed("MAIL", &error))?;
        let rcpt = Rcpt::new(to.clone(), Vec::new());
        (self.0.command(rcpt).await).map_err(|error| refused("RCPT", &error))?;
        let data = self.0.command(Data).await;
        let data = data.map_err(|error| refused("DATA", &error))?;
        if data.has_code(354) {
            Ok(())
        } else {
            // Any other yes answers a question asked earlier; what follows cannot be trusted.
            Err(SendError::Closed(
                "the relay's answers are out of step".to_owned(),
            ))
        }
    }

    /// Sends the letter itself and hears what becomes of it.
    pub(super) async fn content(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        match self.0.message(bytes).await {
            Ok(answer) if answer.has_code(250) => Ok(()),
            Ok(_) => Err(SendError::Unsure("an answer out of step".to_owned())),
            Err(error) if error.status().is_some() => Err(refused("the letter", &error)),
            Err(error) => Err(SendError::Unsure(said("the letter", &error))),
        }
    }
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}

fn closed(to_what: &str, error: &Error) -> SendError {
    SendError::Closed(said(to_what, error))
}

fn refused(to_what: &str, error: &Error) -> SendError {
    match error.status().map(u16::from) {
        // The relay is gone, or we are to log in first: no letter's fault.
        None | Some(530 | 534 | 535 | 538) => closed(to_what, error),
        Some(500..=599) => SendError::Never(said(to_what, error)),
        Some(_) => SendError::Later(said(to_what, error)),
    }
}

/// What the relay said, by its numbers alone: its words may quote the address or the letter.
fn said(to_what: &str, error: &Error) -> String {
    let Some(code) = error.status() else {
        return if error.is_response() {
            format!("{to_what}: an answer that cannot be read")
        } else {
            format!("{to_what}: {error}")
        };
    };
    let detail = error.source().map(ToString::to_string).unwrap_or_default();
    let detail = detail
        .split_whitespace()
        .next()
        .filter(|word| word.len() <= 12 && word.chars().all(|c| c.is_ascii_digit() || c == '.'))
        .unwrap_or_default();
    format!("the relay answers {code} {detail} to {to_what}").replace("  ", " ")
}
