//! What a restricted key may do.

use std::str::FromStr;

use crate::faces::Scope;

/// A kind of thing of the payment API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    PaymentIntents,
    Refunds,
    Disputes,
    Payouts,
    /// Balances, their lines, settlements.
    Balance,
    Events,
    /// Endpoints and deliveries.
    Webhooks,
    /// Orders and receipts.
    Orders,
}

/// What is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    /// Reads, too.
    Write,
}

impl Resource {
    pub const ALL: [Self; 8] = [
        Self::PaymentIntents,
        Self::Refunds,
        Self::Disputes,
        Self::Payouts,
        Self::Balance,
        Self::Events,
        Self::Webhooks,
        Self::Orders,
    ];

    /// The scope's name.
    pub const fn scope(self, access: Access) -> &'static str {
        match (self, access) {
            (Self::PaymentIntents, Access::Read) => "payment_intents.read",
            (Self::PaymentIntents, Access::Write) => "payment_intents.write",
            (Self::Refunds, Access::Read) => "refunds.read",
            (Self::Refunds, Access::Write) => "refunds.write",
            (Self::Disputes, Access::Read) => "disputes.read",
            (Self::Disputes, Access::Write) => "disputes.write",
            (Self::Payouts, Access::Read) => "payouts.read",
            (Self::Payouts, Access::Write) => "payouts.write",
            (Self::Balance, Access::Read) => "balance.read",
            (Self::Balance, Access::Write) => "balance.write",
            (Self::Events, Access::Read) => "events.read",
            (Self::Events, Access::Write) => "events.write",
            (Self::Webhooks, Access::Read) => "webhooks.read",
            (Self::Webhooks, Access::Write) => "webhooks.write",
            (Self::Orders, Access::Read) => "orders.read",
            (Self::Orders, Access::Write) => "orders.write",
        }
    }

    /// What a path of the API is about; `None`: the face service, payers, keys.
    pub fn of_path(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/v1/")?.split('/').skip_while(|part| *part == "test");
        match parts.next()? {
            "payment_intents" => Some(Self::PaymentIntents),
            "refunds" => Some(Self::Refunds),
            "disputes" => Some(Self::Disputes),
            "payouts" => Some(Self::Payouts),
            "balance" | "balance_transactions" | "settlements" => Some(Self::Balance),
            "events" => Some(Self::Events),
            "webhook_endpoints" | "webhook_deliveries" => Some(Self::Webhooks),
            "orders" | "receipts" => Some(Self::Orders),
            _ => None,
        }
    }
}

/// One word of a key's scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyScope {
    Faces(Scope),
    Of(Resource, Access),
}

impl KeyScope {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Faces(scope) => scope.as_str(),
            Self::Of(resource, access) => resource.scope(access),
        }
    }

    /// Whether it lets this be done; writing means reading, too.
    pub fn allows(self, on: Resource, access: Access) -> bool {
        matches!(self, Self::Of(resource, given) if resource == on && (given == access || given == Access::Write))
    }

    fn all() -> impl Iterator<Item = Self> {
        let both = |r| [Self::Of(r, Access::Read), Self::Of(r, Access::Write)];
        Scope::ALL.into_iter().map(Self::Faces).chain(Resource::ALL.into_iter().flat_map(both))
    }
}

impl FromStr for KeyScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::all().find(|scope| scope.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::as_str).collect();
            format!("`{text}` is none of {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_names_and_others_are_refused() {
        for scope in KeyScope::all() {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert!("payments".parse::<KeyScope>().is_err());
    }

    #[test]
    fn writing_means_reading_and_nothing_of_another_kind() {
        let write = KeyScope::Of(Resource::Refunds, Access::Write);
        let read = KeyScope::Of(Resource::Refunds, Access::Read);
        assert!(write.allows(Resource::Refunds, Access::Read) && write.allows(Resource::Refunds, Access::Write));
        assert!(read.allows(Resource::Refunds, Access::Read) && !read.allows(Resource::Refunds, Access::Write));
        assert!(!write.allows(Resource::Payouts, Access::Read));
        assert_eq!(Resource::of_path("/v1/test/payment_intents/{id}/pay"), Some(Resource::PaymentIntents));
        assert_eq!(Resource::of_path("/v1/api_keys"), None);
    }
}
