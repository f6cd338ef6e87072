//! What a payer sees of the own wallet.

use liveness::Abilities;
use store::{Notice, PaymentSummary, TemplateInfo, TemplateState};

use crate::app::App;
use crate::consent::consent_view;
use crate::error::Result;
use crate::limits::PAYMENTS_LISTED;
use crate::passkeys::passkey_view;
use crate::retention::expires_at;
use crate::session::PayerSession;
use crate::view::{AbilitiesView, Balance, ErasedView, Me, MethodView, NoticeView, PaymentView, WardConsentView};

impl App {
    /// The wallet: balances, methods, consents, payments, notices.
    pub async fn me(&self, payer: &PayerSession) -> Result<Me> {
        let balances = self.store.balances(payer.account).await?;
        let templates = self.store.templates(payer.account).await?;
        let consents = self.store.consents(payer.account).await?;
        let wards = self.store.consents_as_guardian(payer.account).await?;
        let payments = self.store.payments(payer.account, None, PAYMENTS_LISTED).await?;
        let notices = self.store.notices(payer.account).await?;
        let Abilities { smiles, turns, colours } = self.abilities(payer.account).await?;
        Ok(Me {
            account: payer.account.to_string(),
            name: payer.name.clone(),
            email: payer.email.clone(),
            csrf_token: payer.csrf_token(),
            balances: balances
                .into_iter()
                .map(|m| Balance { amount: m.minor(), currency: m.currency().code().to_owned(), available: m.minor() })
                .collect(),
            methods: templates
                .iter()
                .filter(|t| t.state == TemplateState::Active)
                .map(|t| self.method_view(t))
                .collect(),
            erased: templates.iter().filter_map(erased_view).collect(),
            consents: consents.iter().map(consent_view).collect(),
            wards: wards
                .iter()
                .map(|(name, c)| WardConsentView { name: name.clone(), consent: consent_view(c) })
                .collect(),
            payments: payments.into_iter().map(payment_view).collect(),
            notices: notices.into_iter().map(notice_view).collect(),
            passkeys: self.store.passkeys(payer.account).await?.iter().map(passkey_view).collect(),
            otp: self.has_otp(payer.account).await?,
            phone_since: self.store.phone_since(payer.account).await?.map(base::Timestamp::rfc3339),
            abilities: AbilitiesView { smiles, turns, colours },
        })
    }

    pub(crate) fn method_view(&self, t: &TemplateInfo) -> MethodView {
        MethodView {
            id: t.id.to_string(),
            method: t.method.as_str().to_owned(),
            kind: t.kind.map(|k| k.as_str().to_owned()),
            created_at: t.created_at.rfc3339(),
            last_used_at: t.last_used_at.map(base::Timestamp::rfc3339),
            views: u32::from(t.views),
            small_amounts_until: Some(t.small_amounts_until.rfc3339()),
            key_phrase: t.has_key_phrase,
            kept_until: expires_at(&self.policy.retention, t).map(base::Timestamp::rfc3339),
        }
    }
}

fn erased_view(t: &TemplateInfo) -> Option<ErasedView> {
    let (at, _) = (t.erased_at?, t.receipt.as_ref()?);
    Some(ErasedView { id: t.id.to_string(), method: t.method.as_str().to_owned(), erased_at: at.rfc3339() })
}

fn payment_view(p: PaymentSummary) -> PaymentView {
    PaymentView {
        intent: p.intent.to_string(),
        receipt: Some(p.receipt.to_string()),
        amount: p.amount.minor(),
        currency: p.amount.currency().code().to_owned(),
        payee: p.payee,
        description: p.item,
        paid_at: p.paid_at.rfc3339(),
        refunded: p.refunded,
    }
}

fn notice_view(n: Notice) -> NoticeView {
    let detail: serde_json::Value = serde_json::from_str(&n.detail).unwrap_or_default();
    let method = detail.get("method").and_then(|m| m.as_str()).unwrap_or_default();
    let key = match (n.kind.as_str(), method) {
        ("method.enrolled", "voice") => "notice.voice_enrolled",
        ("method.enrolled", "kungfu") => "notice.object_enrolled",
        ("method.enrolled", _) => "notice.face_enrolled",
        ("method.unused", "voice") => "notice.voice_unused",
        ("method.unused", "kungfu") => "notice.object_unused",
        ("method.unused", _) => "notice.face_unused",
        ("method.renewed", _) => "notice.face_renewed",
        ("method.erased", "voice") => "notice.voice_erased",
        ("method.erased", "kungfu") => "notice.object_erased",
        ("method.erased", _) => "notice.face_erased",
        ("consent.withdrawn", _) => "notice.consent_withdrawn",
        ("duplicate.suspected", _) => "notice.duplicate_suspected",
        ("passkey.added", _) => "notice.passkey_added",
        ("passkey.revoked", _) => "notice.passkey_revoked",
        ("passkey.cloned", _) => "notice.passkey_cloned",
        ("otp.added", _) => "notice.otp_added",
        ("otp.removed", _) => "notice.otp_removed",
        ("abilities.changed", _) => "notice.abilities_changed",
        ("payment.refunded", _) => "notice.payment_refunded",
        ("order.shipped", _) => "notice.order_shipped",
        ("order.delivered", _) => "notice.order_delivered",
        ("order.late", _) => "notice.order_late",
        _ => "notice.other",
    };
    NoticeView { at: n.created_at.rfc3339(), key, text: key.to_owned() }
}
