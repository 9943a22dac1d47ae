//! `accountd admin list`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    output::json_line,
    shapes::Account,
    table::Table,
    values::short_time,
};
use crate::proto::{self, ListAccountsRequest};

/// Which accounts, and how many.
#[derive(Debug, Args)]
pub(super) struct ListAccounts {
    /// Comparisons joined by AND, such as `state = SUSPENDED AND email : "@example.com"`; docs/admin.md has all of them.
    #[arg(long, default_value = "", hide_default_value = true)]
    filter: String,
    /// `create_time` (the default), `update_time`, `username` or `email`, with ` desc` behind it for the reverse.
    #[arg(
        long,
        value_name = "FIELD",
        default_value = "",
        hide_default_value = true
    )]
    order_by: String,
    /// How many at most; 0 means all.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

impl Run for ListAccounts {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut table = Table::new(["ID", "STATE", "ROLE", "USERNAME", "EMAIL", "CREATED"]);
        let mut pages = Pages::new(self.limit);
        while let Some(page_size) = pages.next_size() {
            let request = ListAccountsRequest {
                realm: session.realm.clone(),
                page_size,
                page_token: pages.token.clone(),
                filter: self.filter.clone(),
                order_by: self.order_by.clone(),
            };
            let mut client = session.client();
            let call = client.list_accounts(session.request(request));
            let answer = session.answer(call).await?;
            let accounts = pages.take(answer.accounts, answer.next_page_token);
            session.output.print(&if session.output.is_json() {
                let lines = accounts.into_iter().map(Account::from);
                lines.map(|one| json_line(&one)).collect::<Result<_, _>>()?
            } else {
                table.lines(&accounts.into_iter().map(row).collect::<Vec<_>>())
            })?;
        }
        pages.tell_of_more();
        Ok(ExitCode::SUCCESS)
    }
}

fn row(account: proto::Account) -> [String; 6] {
    let created = short_time(account.create_time);
    let account = Account::from(account);
    [
        account.id,
        account.state.to_owned(),
        account.role,
        account.username,
        account.email,
        created,
    ]
}

/// How many to ask for with the next call, and from where on.
pub(super) struct Pages {
    pub(super) token: String,
    /// None: all.
    left: Option<usize>,
    has_more: bool,
}

impl Pages {
    /// The most that is asked for at once.
    const SIZE: usize = 500;

    /// Pages with `limit` items together at most, or all for 0.
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            token: String::new(),
            left: if limit == 0 { None } else { Some(limit) },
            has_more: true,
        }
    }

    /// The size of the next page; none when there is no more, or enough.
    pub(super) fn next_size(&self) -> Option<i32> {
        let size = self.left.unwrap_or(Self::SIZE).min(Self::SIZE);
        (self.has_more && size > 0)
            .then(|| i32::try_from(size).ok())
            .flatten()
    }

    /// The items of a page that are wanted.
    pub(super) fn take<T>(&mut self, mut items: Vec<T>, token: String) -> Vec<T> {
        self.has_more = !token.is_empty();
        self.token = token;
        if let Some(left) = &mut self.left {
            items.truncate(*left);
            *left -= items.len();
        }
        items
    }

    /// Says on standard error that there is more than was asked for.
    pub(super) fn tell_of_more(&self) {
        if self.has_more {
            eprintln!("there may be more: raise --limit, or give 0 for all");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_asked_for_than_is_wanted() {
        let mut pages = Pages::new(600);
        assert_eq!(pages.next_size(), Some(500));
        assert_eq!(pages.take(vec![0; 500], "a".to_owned()).len(), 500);
        assert_eq!(pages.next_size(), Some(100));
        assert_eq!(pages.take(vec![0; 300], "b".to_owned()).len(), 100);
        assert_eq!(pages.next_size(), None);
        assert!(pages.has_more);
    }

    #[test]
    fn all_ends_with_the_last_page_and_not_with_an_empty_one() {
        let mut pages = Pages::new(0);
        assert!(pages.take(Vec::<u8>::new(), "a".to_owned()).is_empty());
        assert_eq!(pages.next_size(), Some(500));
        pages.take(vec![0; 500], String::new());
        assert_eq!(pages.next_size(), None);
        assert!(!pages.has_more);
    }
}
