//! Rows and results, in the words of the contract.

use prost_types::Timestamp as ProtoTimestamp;

use super::attributes;
use crate::{
    accounts::picture::{self, Found},
    backend::Timestamp,
    codes::Challenge,
    mails::Purpose,
    proto::{self, download_profile_picture_response::Header},
    sessions::Tokens,
    store::{
        account::{self, State},
        session,
    },
};

pub(super) fn timestamp(at: Timestamp) -> ProtoTimestamp {
    let millis = at.millis().rem_euclid(1000);
    ProtoTimestamp {
        seconds: at.seconds(),
        nanos: i32::try_from(millis * 1_000_000).unwrap_or_default(),
    }
}

fn millis(at: i64) -> ProtoTimestamp {
    timestamp(Timestamp::from_millis(at))
}

pub(super) fn account(row: account::Model) -> proto::Account {
    let picture = picture(&row);
    let state = match row.state {
        State::Pending => proto::AccountState::Pending,
        State::Active => proto::AccountState::Active,
        State::Suspended => proto::AccountState::Suspended,
    };
    proto::Account {
        id: row.id.to_string(),
        realm: row.realm,
        username: row.username.unwrap_or_default(),
        email: row.email.unwrap_or_default(),
        email_verified: row.email_verified,
        phone: row.phone.unwrap_or_default(),
        full_name: row.full_name.unwrap_or_default(),
        birth_date: row.birth_date.as_deref().and_then(date),
        locale: row.locale,
        role: row.role,
        state: state.into(),
        external_id: row.external_id.unwrap_or_default(),
        attributes: row
            .attributes
            .and_then(|text| serde_json::from_str(&text).ok())
            .map(attributes::from_json),
        etag: row.version.to_string(),
        create_time: Some(millis(row.created_at)),
        update_time: Some(millis(row.updated_at)),
        pending_email: row.pending_email.unwrap_or_default(),
        picture,
    }
}

fn picture(row: &account::Model) -> Option<proto::ProfilePicture> {
    Some(proto::ProfilePicture {
        etag: picture::etag(row.picture_id?),
        content_type: row.picture_type.clone().unwrap_or_default(),
        width: row.picture_width.unwrap_or_default(),
        height: row.picture_height.unwrap_or_default(),
        size: row.picture_size.unwrap_or_default(),
        update_time: row.picture_at.map(millis),
    })
}

/// What opens the stream of a picture's bytes.
pub(super) fn picture_header(found: &Found, not_modified: bool) -> Header {
    Header {
        content_type: found.content_type.clone(),
        size: i64::try_from(found.size).unwrap_or(i64::MAX),
        etag: found.etag.clone(),
        width: found.width,
        height: found.height,
        update_time: Some(timestamp(found.updated_at)),
        not_modified,
    }
}

/// What is told of an account whose owner is half-way through a login.
pub(super) fn account_in_login(row: account::Model) -> proto::Account {
    proto::Account {
        id: row.id.to_string(),
        realm: row.realm,
        username: row.username.unwrap_or_default(),
        ..proto::Account::default()
    }
}

fn date(text: &str) -> Option<proto::Date> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i32>);
    Some(proto::Date {
        year: parts.next()?.ok()?,
        month: parts.next()?.ok()?,
        day: parts.next()?.ok()?,
    })
}

pub(super) fn tokens(tokens: Tokens) -> proto::Tokens {
    let has_refresh = !tokens.refresh.is_empty();
    proto::Tokens {
        access_token: tokens.access,
        token_type: String::from("Bearer"),
        access_expire_time: Some(timestamp(tokens.access_expires_at)),
        refresh_token: tokens.refresh,
        refresh_expire_time: has_refresh.then(|| timestamp(tokens.session_expires_at)),
        session_id: tokens.session_id.to_string(),
    }
}

pub(super) fn challenge(challenge: Challenge) -> proto::Challenge {
    proto::Challenge {
        id: challenge.id.to_string(),
        purpose: purpose(challenge.purpose).into(),
        account_id: challenge
            .account_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
        address: challenge.address,
        expire_time: Some(timestamp(challenge.expires_at)),
        resend_time: Some(timestamp(challenge.resend_at)),
        code_length: challenge.digits.into(),
    }
}

const fn purpose(purpose: Purpose) -> proto::OtpPurpose {
    match purpose {
        Purpose::Activate => proto::OtpPurpose::Activate,
        Purpose::Login => proto::OtpPurpose::Login,
        Purpose::ProveAddress => proto::OtpPurpose::ProveAddress,
        Purpose::ChangeEmail => proto::OtpPurpose::ChangeEmail,
        Purpose::ResetPassword => proto::OtpPurpose::ResetPassword,
    }
}

pub(super) fn session(row: &session::Model, current: uuid::Uuid) -> proto::Session {
    proto::Session {
        id: row.id.to_string(),
        current: row.id == current,
        create_time: Some(millis(row.created_at)),
        last_refresh_time: Some(millis(row.refreshed_at)),
        expire_time: Some(millis(row.idle_expires_at)),
        peer_address: row.peer_address.clone(),
        user_agent: row.user_agent.clone(),
    }
}
