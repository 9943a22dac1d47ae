//! Letters, sent to a relay that records them and into files.

mod files;
mod refusals;
mod smtp;

use accountd::backend::mail::Letter;
use uuid::Uuid;

fn letter(to: &str) -> Letter {
    Letter {
        id: Uuid::from_u128(0x0193_5a3b_7c00_7000_8000_0123_4567_89ab),
        from: "accountd <no-reply@localhost>".to_owned(),
        to: to.to_owned(),
        subject: "Your code".to_owned(),
        text: "Your code:\n\n    482913\n".to_owned(),
        html: "<p>Your code: <b>482913</b></p>".to_owned(),
    }
}
