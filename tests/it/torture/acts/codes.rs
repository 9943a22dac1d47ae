//! Codes that are asked for and never used, or too late.

use std::sync::Arc;

use accountd::proto::{self, OtpPurpose};

use super::super::{DAILY, person::Person};

impl Person {
    /// Asks for a code to reset the password. False when the day's are used up, and the person begins anew.
    pub(super) async fn ask_to_reset(&mut self) -> bool {
        let message = proto::RequestOtpRequest {
            email: self.email.clone(),
            purpose: OtpPurpose::ResetPassword.into(),
            request_id: self.world.request_id(),
            ..proto::RequestOtpRequest::default()
        };
        let node = self.node();
        let world = Arc::clone(&self.world);
        match world
            .insist::<_, proto::RequestOtpResponse>(node, "RequestOtp", &message, "")
            .await
        {
            Some(Ok(_)) => {
                self.was_issued(OtpPurpose::ResetPassword);
                true
            }
            Some(Err(reason)) => {
                if reason != "CODE_QUOTA_EXCEEDED" {
                    self.broken("I11", format!("a code is refused: {reason}"));
                }
                self.note("no more codes today");
                self.begin_anew();
                false
            }
            None => false,
        }
    }

    /// A code to reset the password. None when it did not come, or the day's are used up.
    pub(super) async fn reset_code(&mut self) -> Option<String> {
        if self.ask_to_reset().await {
            self.code().await
        } else {
            None
        }
    }

    pub(super) async fn forget_a_code(&mut self) {
        self.stale_code = self.reset_code().await;
    }

    /// Asks for codes until there are no more.
    pub(super) async fn use_up_the_codes(&mut self) {
        for _ in 0..=DAILY {
            if self.world.history.is_over() || !self.ask_to_reset().await {
                return;
            }
        }
        self.broken("I4", "no end of codes");
    }

    /// A code that is past its end by every clock.
    pub(super) async fn use_stale_code(&mut self) {
        let Some(code) = self.stale_code.take() else {
            return;
        };
        let password = self.new_password();
        let message = self.resetting(&code, &password);
        let answer = self
            .insist::<_, proto::ResetPasswordResponse>("ResetPassword", &message)
            .await;
        self.world.history.count("* expired codes tried");
        if let Some(Ok(_)) = answer {
            self.broken("I18", "a code works an hour later");
        }
    }
}
