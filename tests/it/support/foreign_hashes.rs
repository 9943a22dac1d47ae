//! Hashes of one password that other systems wrote.
//!
//! None was made by a library that is under test, but all in Python 3.11:
//!
//! - argon2: `argon2.low_level.hash_secret(password, b"garam dari laut!", 2, 64, 1, 32, type, version)` (argon2-cffi);
//! - bcrypt: `crypt.crypt(password, "$2b$04$abcdefghijklmnopqrstuu")` (libxcrypt);
//! - scrypt: `passlib.hash.scrypt.using(rounds=8, salt=b"garam dari laut!").hash(password)`;
//! - PBKDF2: `passlib.hash.pbkdf2_sha256.using(rounds=1000, salt=salt).hash(password)`, whose salt is
//!   `bytes.fromhex("fbefbefbefbefbefbe01020304050607")`, the same numbers by `hashlib.pbkdf2_hmac` as PHC strings, and
//!   `PBKDF2PasswordHasher().encode(password, "seasaltseasalt", 1000)` (Django 5.2).

use accountd::accounts::password::Scheme;

/// The password of [`made`].
pub const PASSWORD: &str = "rahasia besar";
/// The beginning of a hash of 64 bytes.
const SHA512: &str =
    "R2VxJwQgMRcD99vD2W5C5BQW6RLomKXHH2b8Md5miAjWhi9ZR3KIOvLpPDkTvuV7WjxEd33vC8WnzZHNY";

/// 72 letters m, and whatever follows: `crypt.crypt("m" * 72 + " and more", "$2b$04$abcdefghijklmnopqrstuu")`.
pub const LONG: &str = "$2b$04$abcdefghijklmnopqrstuumeey9/qbWzXZ2myFfevPkL1sv3ztqQ.";

/// What the password was hashed into, by each scheme in each form.
pub fn made() -> Vec<(Scheme, String)> {
    [
        (
            Scheme::Argon2id,
            "$argon2id$v=16$m=64,t=2,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$LkMsEI3HZUtBJzV/+JmKQb2hJ2GyG2pNvjZpUvwxlx8",
        ),
        (
            Scheme::Argon2i,
            "$argon2i$v=16$m=64,t=2,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$a8uYziDve1en/jH+pC86j5pWqExjB4XlG3r8Hwg87Jk",
        ),
        (
            Scheme::Argon2i,
            "$argon2i$m=64,t=2,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$a8uYziDve1en/jH+pC86j5pWqExjB4XlG3r8Hwg87Jk",
        ),
        (
            Scheme::Argon2i,
            "$argon2i$v=19$m=64,t=2,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$5VEEncNpDM9x04fnC3hv7ktSwbW1x6oEGEYUm16khR0",
        ),
        (
            Scheme::Argon2d,
            "$argon2d$v=16$m=64,t=2,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$tfzCPrCFVc/BIYby+ghQhUevmX2ENlFKOWPv10TqGOQ",
        ),
        (
            Scheme::Argon2d,
            "$argon2d$v=19$m=64,t=2,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$yOSzLSMsdgDG+7RhHcocf2l+hVdE68q8SC0yNrh8TVA",
        ),
        (
            Scheme::Bcrypt,
            "$2a$04$abcdefghijklmnopqrstuuTY0W36cKKMVp.k0EQ9Pociv0.VwHAi6",
        ),
        (
            Scheme::Bcrypt,
            "$2b$05$abcdefghijklmnopqrstuu7tI/soYp8W8ImDal9Dbbc9Qv65RR44.",
        ),
        (
            Scheme::Bcrypt,
            "$2y$04$abcdefghijklmnopqrstuuTY0W36cKKMVp.k0EQ9Pociv0.VwHAi6",
        ),
        // The last letter of the salt has bits over: libxcrypt, told to use it, finds the same hash.
        (
            Scheme::Bcrypt,
            "$2b$04$abcdefghijklmnopqrstuvTY0W36cKKMVp.k0EQ9Pociv0.VwHAi6",
        ),
        (
            Scheme::Scrypt,
            "$scrypt$ln=8,r=8,p=1$Z2FyYW0gZGFyaSBsYXV0IQ$mT1y7mZV/hGKzA1FLhU0MwcC1XKhhLAAH4Pc/1jE9ew",
        ),
        (
            Scheme::Scrypt,
            "$scrypt$ln=6,r=2,p=3$Z2FyYW0gZGFyaSBsYXV0IQ$Df+b3THHhdNnaq7Hx+Ue9QO9AF990kkHljBMjzPV0Pg",
        ),
        (
            Scheme::Pbkdf2Sha1,
            "$pbkdf2$1000$............AQIDBAUGBw$VMQqVVqD1ux/zJ0BrCsVvUlFgi8",
        ),
        (
            Scheme::Pbkdf2Sha1,
            "$pbkdf2-sha1$i=1000,l=20$++++++++++++AQIDBAUGBw$VMQqVVqD1ux/zJ0BrCsVvUlFgi8",
        ),
        (
            Scheme::Pbkdf2Sha1,
            "pbkdf2_sha1$1000$seasaltseasalt$weGRc6Aw9/gBCKDJP4k2Jfc+qVE=",
        ),
        (
            Scheme::Pbkdf2Sha256,
            "$pbkdf2-sha256$1000$............AQIDBAUGBw$dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc",
        ),
        (
            Scheme::Pbkdf2Sha256,
            "$pbkdf2-sha256$i=1000$++++++++++++AQIDBAUGBw$dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc",
        ),
        (
            Scheme::Pbkdf2Sha256,
            "pbkdf2_sha256$1000$seasaltseasalt$J+uYv0fF5oFIvOjNJUPwDecCoBOZ2C4VzYqWyuOUoSs=",
        ),
        (
            Scheme::Pbkdf2Sha512,
            &format!("$pbkdf2-sha512$1000$............AQIDBAUGBw${SHA512}.N8mg"),
        ),
        (
            Scheme::Pbkdf2Sha512,
            &format!("$pbkdf2-sha512$i=1000,l=64$++++++++++++AQIDBAUGBw${SHA512}+N8mg"),
        ),
    ]
    .map(|(scheme, text)| (scheme, text.to_owned()))
    .into()
}
