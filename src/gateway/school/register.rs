//! `POST /auth/register`

use axum::{Extension, Json, extract::State};
use http::StatusCode;
use prost_types::{Struct, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Desk, Failure, Message, number::Number, student_id::Student};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, text::Digits},
    proto::RegisterRequest,
};

/// Digits of a code.
pub(super) const LENGTH: usize = 4;

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(super) struct Register {
    #[serde(default)]
    #[schema(required, min_length = 3, max_length = 20, example = "zackdesu")]
    username: String,
    #[serde(default)]
    #[schema(required, format = Password, min_length = 6, max_length = 128, example = "123456")]
    password: String,
    #[serde(default)]
    #[schema(required, min_length = 2, example = "Wongso Wijaya")]
    name: String,
    #[schema(format = Email, example = "zackdesu@email.com")]
    email: Option<String>,
    /// The code that was sent to the email; needed where there is one.
    otp: Option<Digits>,
    /// The number of attendance, 1 to 40.
    #[schema(required)]
    absentnum: Option<Number>,
    /// The grade, 10 to 12.
    #[schema(required)]
    angkatan: Option<Number>,
    /// The department: AKL, PN, MPLB, TKJ, BSN, KUL or ULP.
    #[serde(default)]
    #[schema(required, example = "KUL")]
    jurusan: String,
    /// The class, 1 to 3; 1 when it is not given.
    kelas: Option<Number>,
}

/// That the account exists.
#[derive(Serialize, ToSchema)]
pub(super) struct Registered {
    #[schema(example = "Akun berhasil dibuat!")]
    message: &'static str,
    user: NewUser,
}

/// The account. Here alone the id is a number.
#[derive(Serialize, ToSchema)]
struct NewUser {
    #[schema(example = 202_272_036)]
    id: u32,
    #[schema(example = "zackdesu")]
    username: String,
    /// Left out where the account has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, example = "zackdesu@email.com")]
    email: String,
}

/// Makes an account, whose email was proved by a code before.
#[utoipa::path(
    post,
    path = "/auth/register",
    request_body = Register,
    responses(
        (status = 201, description = "the account exists", body = Registered),
        (status = 400, description = "a field cannot be taken, or the code does not work", body = Message),
        (status = 403, description = "the code is too old", body = Message),
        (status = 404, description = "no code was sent to the email", body = Message),
        (status = 409, description = "the user name, the email or the number of attendance is taken", body = Message),
        (status = 429, description = "the code was guessed wrongly too often, or there are too many requests", body = Message),
    )
)]
pub(super) async fn register(
    State(api): State<Api>,
    Extension(desk): Extension<Desk>,
    caller: Caller,
    body: Body,
) -> Result<(StatusCode, Json<Registered>), Failure> {
    let body: Register = body.json()?;
    let message = message(&api, &desk, &caller, body);
    let request = api.request(&caller, message);
    let answer = api.client().register(request).await.map_err(without_id)?;
    let account = answer.into_inner().account.ok_or(Fault::Internal)?;
    let user = NewUser {
        id: account.external_id.parse().map_err(|_| Fault::Internal)?,
        username: account.username,
        email: account.email,
    };
    let message = "Akun berhasil dibuat!";
    Ok((StatusCode::CREATED, Json(Registered { message, user })))
}

fn message(api: &Api, desk: &Desk, caller: &Caller, body: Register) -> RegisterRequest {
    // What a form leaves blank is not given; nobody has a number of attendance under 1.
    let is_under_one = |number: &Number| number.whole().is_some_and(|number| number < 1);
    let absentnum = body.absentnum.filter(|number| !is_under_one(number));
    let kelas = body.kelas.filter(|number| !number.is_blank());
    let kelas = kelas.unwrap_or(Number::Whole(1));
    let id = student_id(
        desk,
        absentnum.as_ref(),
        body.angkatan.as_ref(),
        &body.jurusan,
        &kelas,
    );
    let given = |number: Option<Number>| number.filter(|number| !number.is_blank());
    let jurusan = Some(body.jurusan).filter(|jurusan| !jurusan.is_empty());
    let attributes = [
        ("absentnum", given(absentnum).map(Number::value)),
        ("angkatan", given(body.angkatan).map(Number::value)),
        ("jurusan", jurusan.map(Value::from)),
        ("kelas", Some(kelas.value())),
    ];
    let attributes = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    RegisterRequest {
        realm: api.realm(),
        username: body.username.trim().to_owned(),
        password: body.password,
        full_name: body.name,
        email: body.email.unwrap_or_default(),
        code: body.otp.map(|otp| otp.padded(LENGTH)).unwrap_or_default(),
        external_id: id.unwrap_or_default(),
        attributes: Some(Struct {
            fields: attributes.collect(),
        }),
        request_id: caller.idempotency_key(),
        ..RegisterRequest::default()
    }
}

/// None where a part of it is missing or is not what it should be; the contract tells which.
fn student_id(
    desk: &Desk,
    absentnum: Option<&Number>,
    angkatan: Option<&Number>,
    jurusan: &str,
    kelas: &Number,
) -> Option<String> {
    let student = Student {
        absentnum: absentnum?.whole()?,
        angkatan: angkatan?.whole()?,
        jurusan,
        kelas: kelas.whole()?,
    };
    student.id(desk.now.read().date())
}

/// Fields that the realm takes and of which no id of nine digits can be made are the realm's fault, not the client's.
fn without_id(status: tonic::Status) -> Failure {
    let fault = Fault::from(status);
    if let Fault::Refused(refusal) = &fault
        && let [violation] = refusal.violations.as_slice()
        && violation.field == "external_id"
    {
        return Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "Panjang ID bukan 9!");
    }
    fault.into()
}
