//! The cookie that holds the session.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

/// Its name.
pub(super) const NAME: &str = "refreshToken";

/// How long a browser keeps it. The session may end before.
const KEPT: Duration = Duration::days(30);

/// How the cookie is set.
#[derive(Clone, Debug)]
pub(super) struct Cookies {
    path: String,
    secure: bool,
}

/// The refresh token that came along.
pub(super) fn given(jar: &CookieJar) -> Option<&str> {
    jar.get(NAME)
        .map(Cookie::value)
        .filter(|token| !token.is_empty())
}

impl Cookies {
    /// Cookies for the endpoints of the dialect, whose paths begin with `prefix` for its clients.
    pub(super) fn new(prefix: &str, secure: bool) -> Self {
        Self {
            path: format!("{prefix}/auth"),
            secure,
        }
    }

    /// Has the client keep this refresh token in place of any before.
    pub(super) fn keep(&self, token: String) -> CookieJar {
        self.set(token, KEPT)
    }

    /// Has the client forget its refresh token.
    pub(super) fn forget(&self) -> CookieJar {
        self.set(String::new(), Duration::ZERO)
    }

    fn set(&self, token: String, kept: Duration) -> CookieJar {
        let cookie = Cookie::build((NAME, token))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .path(self.path.clone())
            .max_age(kept);
        CookieJar::new().add(cookie)
    }
}
