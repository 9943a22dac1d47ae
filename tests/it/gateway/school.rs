//! The document `school.txt`, exchange by exchange.

mod session;
mod update;
mod wire;

use std::time::Duration;

use accountd::backend::Timestamp;

use crate::support::{
    client::wrong,
    rest::{Answer, Rest},
    service::{Engines, Ground, Node, on_both_engines},
};

/// 2024-09-25T12:00:00Z: when the ids of the document's examples come out.
const SEPTEMBER: Timestamp = Timestamp::from_millis(1_727_265_600_000);

const EMAIL: &str = "zackdesu@email.com";
/// As the document has it, with `xxxx` in place of the code.
const REGISTRATION: &str = r#"{
  "username": "zackdesu",
  "password": "123456",
  "name": "Wongso Wijaya",
  "email": "zackdesu@email.com",
  "otp": "xxxx",
  "absentnum": "36",
  "angkatan": "12",
  "jurusan": "KUL",
  "kelas": "2"
}"#;
/// The same without what is optional.
const SHORT: &str = r#"{"username":"zackdesu","password":"123456","name":"Wongso Wijaya","absentnum":"36","angkatan":"12","jurusan":"KUL","kelas":"2"}"#;
const LOGIN: &str = r#"{
  "username": "zackdesu",
  "password": "123456"
}"#;
const SENT: &str = r#"200 {"message":"OTP code sent successfully!"}"#;
const LOGGED_OUT: &str = r#"200 {"message":"Berhasil logout!"}"#;
const INVALID: &str = r#"403 {"message":"Refresh Token Invalid!"}"#;
const UNAUTHORIZED: &str = r#"401 {"message":"Unauthorized Access!"}"#;
const CREATED: &str =
    r#"201 {"message":"Akun berhasil dibuat!","user":{"id":202272036,"username":"zackdesu"}}"#;

async fn start(engines: Engines) -> Node {
    Ground::at(engines, SEPTEMBER, |_| {}).await.node().await
}

/// The code that `POST /auth/otp` sends to the address.
async fn code(node: &Node, rest: &Rest, email: &str) -> String {
    let body = format!(r#"{{ "email": "{email}" }}"#);
    assert_eq!(rest.send("POST /auth/otp", &body).await.told(), SENT);
    node.client_of("school").code_for(email).await
}

/// A front end whose owner has an account without an email.
async fn registered(node: &Node) -> Rest {
    let rest = node.rest("school");
    let answer = rest.send("POST /auth/register", SHORT).await;
    assert_eq!(answer.told(), CREATED);
    rest
}

/// The same with the email of the document.
async fn reachable(node: &Node) -> Rest {
    let rest = node.rest("school");
    let code = code(node, &rest, EMAIL).await;
    let answer = rest
        .send("POST /auth/register", &REGISTRATION.replace("xxxx", &code))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    rest
}

/// A front end that is logged in, by its token and its cookie.
async fn logged_in(rest: &Rest) -> Rest {
    let answer = rest.send("POST /auth/login", LOGIN).await;
    rest.with(&format!("Bearer {}", answer.at("/accessToken")))
}

/// The refresh token that an answer sets.
fn cookie(answer: &Answer) -> String {
    let line = answer.header("set-cookie");
    let value = line.strip_prefix("refreshToken=").unwrap();
    value.split(';').next().unwrap().to_owned()
}

async fn told(rest: &Rest, line: &str, body: &str) -> String {
    rest.send(line, body).await.told()
}

on_both_engines! {
    async fn the_document_registers(engines) {
        let node = start(engines).await;
        let rest = node.rest("school");
        let code = code(&node, &rest, EMAIL).await;
        let answer = rest.send("POST /auth/register", &REGISTRATION.replace("xxxx", &code)).await;
        assert_eq!(
            answer.told(),
            r#"201 {"message":"Akun berhasil dibuat!","user":{"id":202272036,"username":"zackdesu","email":"zackdesu@email.com"}}"#
        );
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("set-cookie"), "", "a login follows");
    }

    async fn without_an_email_no_code_is_needed_and_none_is_told(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let answer = rest.send("POST /auth/login", LOGIN).await;
        assert_eq!(
            answer.told(),
            r#"200 {"message":"Selamat datang, zackdesu!","user":{"id":"202272036","username":"zackdesu","name":"Wongso Wijaya","role":"MEMBER"},"accessToken":"TOKEN"}"#
        );
    }

    async fn an_email_needs_its_code(engines) {
        let node = start(engines).await;
        let rest = node.rest("school");
        let line = "POST /auth/register";
        let wanted = r#"400 {"message":"Masukkan kode OTP yang valid dari email!"}"#;
        assert_eq!(told(&rest, line, &REGISTRATION.replace("xxxx", "")).await, wanted);
        let early = REGISTRATION.replace("xxxx", "0123");
        assert_eq!(told(&rest, line, &early).await, r#"404 {"message":"Kamu belum mengirim OTP ke emailmu!"}"#);
        let code = code(&node, &rest, EMAIL).await;
        assert_eq!(code.len(), 4);
        let guess = REGISTRATION.replace("xxxx", &wrong(&code));
        for _ in 0..3 {
            assert_eq!(told(&rest, line, &guess).await, r#"400 {"message":"Kode OTP salah!"}"#);
        }
        let spent = rest.send(line, &REGISTRATION.replace("xxxx", &code)).await;
        assert_eq!(spent.told(), r#"429 {"message":"Kode OTP terlalu sering salah! Silahkan minta kode baru."}"#);
        assert_eq!(spent.header("retry-after"), "300");
    }

    async fn a_code_lasts_five_minutes_and_keeps_out_another(engines) {
        let node = start(engines).await;
        let rest = node.rest("school");
        let code = code(&node, &rest, EMAIL).await;
        let body = format!(r#"{{ "email": "{EMAIL}" }}"#);
        let again = rest.send("POST /auth/otp", &body).await;
        assert_eq!(again.told(), r#"429 {"message":"Kamu sudah mengirimkan OTP sebelumnya!"}"#);
        assert_eq!(again.header("retry-after"), "300");
        node.advance(Duration::from_mins(5));
        let late = told(&rest, "POST /auth/register", &REGISTRATION.replace("xxxx", &code)).await;
        assert_eq!(late, r#"403 {"message":"Kode OTP sudah kadaluwarsa"}"#);
        assert_eq!(told(&rest, "POST /auth/otp", &body).await, SENT);
    }

    async fn what_is_taken_is_told(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        let line = "POST /auth/register";
        assert_eq!(
            told(&rest, line, SHORT).await,
            r#"409 {"message":"Username sudah digunakan, ganti username anda dengan yang lain."}"#
        );
        let neighbour = SHORT.replace("zackdesu", "neighbour");
        assert_eq!(
            told(&rest, line, &neighbour).await,
            r#"409 {"message":"Silahkan periksa kembali nomor absenmu."}"#
        );
        let code = code_again(&node, &rest).await;
        let body = REGISTRATION.replace("xxxx", &code);
        let body = body.replace(r#""zackdesu""#, r#""neighbour""#).replace("36", "35");
        assert_eq!(
            told(&rest, line, &body).await,
            r#"409 {"message":"Email sudah digunakan, ganti email anda dengan yang lain."}"#
        );
    }

    async fn a_login_tells_who_it_is(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        let answer = rest.send("POST /auth/login", LOGIN).await;
        assert_eq!(
            answer.told(),
            r#"200 {"message":"Selamat datang, zackdesu!","user":{"id":"202272036","username":"zackdesu","name":"Wongso Wijaya","email":"zackdesu@email.com","role":"MEMBER"},"accessToken":"TOKEN"}"#
        );
        let (name, attributes) = answer.header("set-cookie").split_once(';').unwrap();
        assert!(name.starts_with("refreshToken=rt_"), "{name}");
        let mut attributes: Vec<&str> = attributes.split(';').map(str::trim).collect();
        attributes.sort_unstable();
        assert_eq!(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/auth", "SameSite=Lax", "Secure"]);
    }

    async fn details_takes_the_token_bare_or_behind_bearer(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        let token = rest.send("POST /auth/login", LOGIN).await.at("/accessToken");
        let expected = r#"200 {"user":{"id":"202272036","username":"zackdesu","name":"Wongso Wijaya","email":"zackdesu@email.com","role":"MEMBER"}}"#;
        for line in [token.clone(), format!("Bearer {token}")] {
            assert_eq!(rest.with(&line).ask("GET /auth/details").await.told(), expected);
        }
        node.advance(Duration::from_mins(5));
        assert_eq!(rest.with(&token).ask("GET /auth/details").await.told(), UNAUTHORIZED);
    }
}

/// A second code to the address, once the first was used.
async fn code_again(node: &Node, rest: &Rest) -> String {
    let body = format!(r#"{{ "email": "{EMAIL}" }}"#);
    assert_eq!(rest.send("POST /auth/otp", &body).await.told(), SENT);
    let codes = node.client_of("school").codes_for(EMAIL, 2).await;
    codes[1].clone()
}

#[tokio::test]
async fn a_login_tells_what_is_wrong() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    let line = "POST /auth/login";
    let missing = r#"400 {"message":"Username atau password belum di isi!"}"#;
    for body in [
        "",
        "{}",
        r#"{"username":"zackdesu"}"#,
        r#"{"password":"123456"}"#,
        r#"{"username":"","password":""}"#,
    ] {
        assert_eq!(told(&rest, line, body).await, missing, "{body}");
    }
    let unknown = LOGIN.replace("zackdesu", "nobody");
    assert_eq!(
        told(&rest, line, &unknown).await,
        r#"404 {"message":"Pengguna tidak ditemukan!"}"#
    );
    let wrong = LOGIN.replace("123456", "1234567");
    assert_eq!(
        told(&rest, line, &wrong).await,
        r#"401 {"message":"Password salah!"}"#
    );
}

#[tokio::test]
async fn the_id_follows_the_school_year() {
    // 2024-06-30T23:59:59Z
    let june = Timestamp::from_millis(1_719_791_999_000);
    let node = Ground::at(Engines::Embedded, june, |_| {})
        .await
        .node()
        .await;
    let rest = node.rest("school");
    let register = async |username: &str, change: [&str; 4]| {
        let [absentnum, angkatan, jurusan, kelas] = change;
        let body = format!(
            r#"{{"username":"{username}","password":"123456","name":"Wongso","absentnum":{absentnum},"angkatan":{angkatan},"jurusan":"{jurusan}"{kelas}}}"#
        );
        let answer = rest.send("POST /auth/register", &body).await;
        let id = answer.json().pointer("/user/id").cloned();
        id.unwrap_or_else(|| panic!("{}", answer.text()))
    };
    let id = register("ani", ["36", "12", "KUL", r#","kelas":2"#]).await;
    assert_eq!(id, 202_172_036);
    node.advance(Duration::from_secs(1));
    let id = register("budi", ["36", "12", "KUL", r#","kelas":2"#]).await;
    assert_eq!(id, 202_272_036, "July begins the next");
    let departments = [
        ("AKL", 202_321_001),
        ("PN", 202_331_001),
        ("MPLB", 202_341_001),
        ("TKJ", 202_351_001),
        ("BSN", 202_361_001),
        ("KUL", 202_371_001),
        ("ULP", 202_381_001),
    ];
    for (number, (jurusan, expected)) in departments.into_iter().enumerate() {
        let kelas = ["", r#","kelas":"""#, r#","kelas":null"#][number % 3];
        let id = register(&format!("pupil{number}"), ["1", "\" 11 \"", jurusan, kelas]).await;
        assert_eq!(id, expected, "{jurusan}");
    }
    let id = register("citra", ["40.0", "\"10\"", "BSN", r#","kelas":"3""#]).await;
    assert_eq!(id, 202_463_040);
}

#[tokio::test]
async fn every_field_has_its_own_words() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("school");
    let all = told(&rest, "POST /auth/register", "{}").await;
    assert_eq!(
        all,
        r#"400 {"message":"Username harus lebih dari 3 huruf!, Password harus lebih dari 6 karakter!, Nama harus lebih dari 2 huruf!, Nomor Absen wajib diisi!, Angkatan tidak valid (10-12), Jurusan tidak valid!"}"#
    );
    for (old, new, text) in [
        ("zackdesu", "za", "Username harus lebih dari 3 huruf!"),
        (
            "zackdesu",
            "zackdesuzackdesuzackd",
            "Username tidak boleh lebih dari 20 huruf!",
        ),
        ("zackdesu", "zack desu", "Username tidak valid!"),
        ("zackdesu", "admin", "Username tidak valid!"),
        ("123456", "12345", "Password harus lebih dari 6 karakter!"),
        ("Wongso Wijaya", "W", "Nama harus lebih dari 2 huruf!"),
        ("\"36\"", "41", "Nomor Absen tidak boleh lebih dari 40!"),
        ("\"36\"", "0", "Nomor Absen wajib diisi!"),
        ("\"36\"", "-1", "Nomor Absen wajib diisi!"),
        ("\"36\"", "\"\"", "Nomor Absen wajib diisi!"),
        ("\"36\"", "null", "Nomor Absen wajib diisi!"),
        ("\"36\"", "1.5", "Nomor Absen tidak valid!"),
        ("36", "x", "Nomor Absen tidak valid!"),
        ("\"12\"", "9", "Angkatan tidak valid (10-12)"),
        ("\"12\"", "13", "Angkatan tidak valid (10-12)"),
        ("\"12\"", "-2147483648", "Angkatan tidak valid (10-12)"),
        ("12\",", "99999999999\",", "Angkatan tidak valid (10-12)"),
        ("KUL", "kul", "Jurusan tidak valid!"),
        ("\"2\"", "4", "Kelas tidak valid!"),
        ("\"2\"", "0", "Kelas tidak valid!"),
        ("\"2\"", "\"dua\"", "Kelas tidak valid!"),
        (
            "\"kelas\"",
            "\"email\":\"nowhere\",\"kelas\"",
            "Email tidak valid!",
        ),
        (
            "\"kelas\"",
            "\"otp\":\"12\",\"kelas\"",
            "Kode OTP tidak valid!",
        ),
    ] {
        let body = SHORT.replacen(old, new, 1);
        assert_ne!(body, SHORT);
        let told = told(&rest, "POST /auth/register", &body).await;
        assert_eq!(told, format!(r#"400 {{"message":"{text}"}}"#), "{new}");
    }
    for body in ["{}", r#"{"email":""}"#, r#"{"email":"nowhere"}"#] {
        let told = told(&rest, "POST /auth/otp", body).await;
        assert_eq!(told, r#"400 {"message":"Email tidak valid!"}"#, "{body}");
    }
}

#[tokio::test]
async fn a_realm_that_takes_more_than_nine_digits_hold_is_at_fault_itself() {
    let ground = Ground::at(Engines::Embedded, SEPTEMBER, |settings| {
        let schema = &mut Ground::realm(settings, "school").attributes_schema;
        let kelas = schema.as_mut().unwrap().pointer_mut("/properties/kelas");
        *kelas.unwrap() = serde_json::json!({ "type": "integer" });
    });
    let node = ground.await.node().await;
    let rest = node.rest("school");
    let body = SHORT.replace(r#""kelas":"2""#, r#""kelas":"10""#);
    let told = told(&rest, "POST /auth/register", &body).await;
    assert_eq!(told, r#"500 {"message":"Panjang ID bukan 9!"}"#);
}

#[tokio::test]
async fn a_code_may_be_a_number_without_its_leading_zeros() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("school");
    let code = code(&node, &rest, EMAIL).await;
    let number = code.trim_start_matches('0');
    let number = if number.is_empty() { "0" } else { number };
    let body = REGISTRATION.replace(r#""xxxx""#, number);
    let answer = rest.send("POST /auth/register", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}
