//! The step-up table: which proven methods may pay how much at which risk.
//!
//! Rules are read from the top; the first one whose every condition holds decides. The last one must have no condition,
//! so each case is answered by a rule with a name. What a step-up needs is not written down but worked out: every method
//! that, proven as well, would make the same table allow the same payment.

use base::Method;
use money::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::{Outcome, PolicyError};

/// How unusual a payment is; see [`crate::tiers::risk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    /// A fresh method, several failures before, or signs of injected pictures.
    Elevated,
    /// Two of them.
    High,
}

impl Risk {
    /// One step more.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Low => Self::Elevated,
            Self::Elevated | Self::High => Self::High,
        }
    }
}

/// What a rule says of the cases it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allow,
    /// Another method as well; a refusal where none would do.
    StepUp,
    Deny,
}

/// How much may be paid in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// One payment.
    #[serde(with = "text")]
    pub each: Money,
    /// All payments by these methods in 24 hours, this one included.
    #[serde(with = "text")]
    pub day: Money,
}

/// One line of the table. A condition that is left out always holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `a-z`, `0-9` and `-`; unique. Kept in the audit chain with each decision.
    pub name: String,
    /// All of these are proven.
    #[serde(default)]
    pub methods: Vec<Method>,
    /// At least so many independent elements are proven: knowledge, possession, inherence (RTS art. 4 and 9).
    #[serde(default)]
    pub elements: u8,
    /// The risk is one of these; empty: any.
    #[serde(default)]
    pub risk: Vec<Risk>,
    /// The amount is within the ceiling of its currency; empty: any amount of any currency.
    #[serde(default)]
    pub limits: Vec<Ceiling>,
    pub outcome: Verdict,
}

/// The rules of one operator, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleTable {
    pub rules: Vec<Rule>,
    /// The methods of the region; all when there is none.
    #[serde(skip)]
    pub enabled: Option<Vec<Method>>,
}

/// The case that is looked up.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Methods proven for this very payment; order and repetition do not matter.
    pub proven: &'a [Method],
    pub amount: Money,
    /// Minor units paid by the first of `proven` alone during the last 24 hours, in this currency (≥ 0).
    pub paid_24h: i64,
    pub risk: Risk,
}

/// The table's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Never [`Outcome::Retake`].
    pub outcome: Outcome,
    /// Each of these alone would complete a step-up; empty otherwise.
    pub needs: Vec<Method>,
    /// The rule that decided.
    pub rule: String,
}

/// What may complete a step-up, the surest first. Kungfu is never asked for: it adds nothing.
const OFFERED: [Method; 5] = [Method::Passkey, Method::Passphrase, Method::Otp, Method::Face, Method::Voice];

const MAX_RULES: usize = 64;
const MAX_RULE_NAME: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Knowledge,
    Possession,
    Inherence,
}

/// The elements that a method proves. A passkey is accepted with user verification only, so it is the device and what
/// opens it. Kungfu counts for none: a tattoo or a pet can be photographed by anybody.
const fn elements(method: Method) -> &'static [Element] {
    match method {
        Method::Face | Method::Voice => &[Element::Inherence],
        Method::Passphrase => &[Element::Knowledge],
        Method::Otp => &[Element::Possession],
        Method::Passkey => &[Element::Possession, Element::Inherence],
        Method::Kungfu => &[],
    }
}

pub(crate) fn independent(proven: &[Method]) -> usize {
    let has = |e: Element| proven.iter().any(|m| elements(*m).contains(&e));
    [Element::Knowledge, Element::Possession, Element::Inherence].into_iter().filter(|e| has(*e)).count()
}

impl Rule {
    fn applies(&self, asked: &Asked<'_>) -> bool {
        self.methods.iter().all(|m| asked.proven.contains(m))
            && independent(asked.proven) >= usize::from(self.elements)
            && (self.risk.is_empty() || self.risk.contains(&asked.risk))
            && (self.limits.is_empty() || self.limits.iter().any(|ceiling| ceiling.holds(asked)))
    }

    fn is_unconditional(&self) -> bool {
        self.methods.is_empty() && self.elements == 0 && self.risk.is_empty() && self.limits.is_empty()
    }
}

impl Ceiling {
    pub(crate) fn holds(&self, asked: &Asked<'_>) -> bool {
        let total = asked.paid_24h.max(0).saturating_add(asked.amount.minor());
        asked.amount.currency() == self.each.currency()
            && asked.amount.minor() <= self.each.minor()
            && total <= self.day.minor()
    }
}

impl RuleTable {
    /// Whether a method proves anything here.
    pub fn enables(&self, method: Method) -> bool {
        self.enabled.as_ref().is_none_or(|all| all.contains(&method))
    }

    /// Looks a case up.
    pub fn judge(&self, asked: &Asked<'_>) -> Answer {
        let proven: Vec<Method> = asked.proven.iter().copied().filter(|m| self.enables(*m)).collect();
        let asked = &Asked { proven: &proven, ..*asked };
        let Some(rule) = self.rules.iter().find(|r| r.applies(asked)) else {
            // `check` refuses a table that can come here.
            return Answer { outcome: Outcome::Deny, needs: Vec::new(), rule: "no-rule".to_owned() };
        };
        let needs = if rule.outcome == Verdict::StepUp { self.completing(asked) } else { Vec::new() };
        let outcome = match rule.outcome {
            Verdict::Allow => Outcome::Allow,
            Verdict::StepUp if !needs.is_empty() => Outcome::StepUp,
            Verdict::StepUp | Verdict::Deny => Outcome::Deny,
        };
        Answer { outcome, needs, rule: rule.name.clone() }
    }

    /// The methods that would complete the case.
    pub(crate) fn completing(&self, asked: &Asked<'_>) -> Vec<Method> {
        let allows = |method: &Method| {
            let proven = [asked.proven, &[*method]].concat();
            let asked = Asked { proven: &proven, ..*asked };
            self.rules.iter().find(|r| r.applies(&asked)).is_some_and(|r| r.outcome == Verdict::Allow)
        };
        let open = |m: &Method| self.enables(*m) && !asked.proven.contains(m);
        OFFERED.into_iter().filter(open).filter(allows).collect()
    }

    /// What `method` alone may pay in `currency` at `risk`: the ceiling of the first rule that would allow it. `None`: it
    /// never pays alone. `Some(None)`: any amount.
    pub fn alone(&self, method: Method, currency: Currency, risk: Risk) -> Option<Option<Ceiling>> {
        if !self.enables(method) {
            return None;
        }
        let smallest = Asked { proven: &[method], amount: Money::new(1, currency), paid_24h: 0, risk };
        let rule = self.rules.iter().find(|r| r.applies(&smallest)).filter(|r| r.outcome == Verdict::Allow)?;
        Some(rule.limits.iter().find(|c| c.each.currency() == currency).copied())
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let refuse = |why: &str| Err(PolicyError::Rules(why.to_owned()));
        if self.rules.is_empty() || self.rules.len() > MAX_RULES {
            return refuse("between 1 and 64 rules are needed");
        }
        if !self.rules.last().is_some_and(Rule::is_unconditional) {
            return refuse("the last rule must have no condition, so that every case is answered");
        }
        for (i, rule) in self.rules.iter().enumerate() {
            rule.check()?;
            if self.rules.iter().skip(i + 1).any(|r| r.name == rule.name) {
                return Err(PolicyError::Rules(format!("two rules are called {}", rule.name)));
            }
        }
        Ok(())
    }
}

impl Rule {
    fn check(&self) -> Result<(), PolicyError> {
        let refuse = |why: &str| Err(PolicyError::Rules(format!("rule {:?}: {why}", self.name)));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.name.is_empty() || self.name.len() > MAX_RULE_NAME || !self.name.bytes().all(plain) {
            return refuse("a name has 1 to 40 of a-z, 0-9 and -");
        }
        if self.elements > 3 {
            return refuse("there are three elements: knowledge, possession, inherence");
        }
        if self.outcome == Verdict::Allow && self.methods.is_empty() && self.elements == 0 {
            return refuse("would pay without any proof: name methods or elements");
        }
        for (i, ceiling) in self.limits.iter().enumerate() {
            let (each, day) = (ceiling.each, ceiling.day);
            if each.currency() != day.currency() || each.minor() <= 0 || day.minor() < each.minor() {
                return refuse("limits are positive, in one currency, and a day's is not below one payment's");
            }
            if self.limits.iter().skip(i + 1).any(|c| c.each.currency() == each.currency()) {
                return refuse("one currency has two limits");
            }
        }
        Ok(())
    }
}

impl Default for RuleTable {
    /// Strong customer authentication as in Delegated Regulation (EU) 2018/389; the same as the profile `eu-rts`.
    fn default() -> Self {
        let alone = |name: &str, method, risk: &[Risk], each: i64, day: i64| Rule {
            name: name.to_owned(),
            methods: vec![method],
            elements: 0,
            risk: risk.to_vec(),
            limits: in_currencies(each, day),
            outcome: Verdict::Allow,
        };
        let any = |name: &str, elements, risk: &[Risk], outcome| Rule {
            name: name.to_owned(),
            methods: Vec::new(),
            elements,
            risk: risk.to_vec(),
            limits: Vec::new(),
            outcome,
        };
        let usual = &[Risk::Low];
        Self {
            rules: vec![
                any("two-elements", 2, &[], Verdict::Allow),
                any("high-risk", 0, &[Risk::High], Verdict::StepUp),
                alone("face-small", Method::Face, usual, 5_000, 15_000),
                alone("face-fresh", Method::Face, &[], 3_000, 10_000),
                alone("passphrase-usual", Method::Passphrase, usual, 10_000, 30_000),
                alone("passphrase-unusual", Method::Passphrase, &[], 3_000, 10_000),
                alone("voice-small", Method::Voice, usual, 1_500, 4_500),
                alone("kungfu-small", Method::Kungfu, usual, 1_000, 2_000),
                any("otherwise", 0, &[], Verdict::StepUp),
            ],
            enabled: None,
        }
    }
}

/// One hundredth of a euro, of a dollar, and one yen are near enough for round limits.
pub(crate) fn in_currencies(each: i64, day: i64) -> Vec<Ceiling> {
    let ceiling = |currency| Ceiling { each: Money::new(each, currency), day: Money::new(day, currency) };
    vec![ceiling(Currency::EUR), ceiling(Currency::USD), ceiling(Currency::JPY)]
}

/// Money as people write it, such as `50.00 EUR`.
mod text {
    use money::Money;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(money: &Money, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(money)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|e| serde::de::Error::custom(format!("{text:?}: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(methods: &[Method], cents: i64, paid: i64, risk: Risk) -> (Outcome, String, Vec<Method>) {
        let amount = Money::new(cents, Currency::EUR);
        let answer = RuleTable::default().judge(&Asked { proven: methods, amount, paid_24h: paid, risk });
        (answer.outcome, answer.rule, answer.needs)
    }

    #[test]
    fn the_european_table() {
        use Method::{Face, Kungfu, Otp, Passkey, Passphrase, Voice};
        use Outcome::{Allow, StepUp};
        use Risk::{Elevated, High, Low};
        type Case<'a> = (&'a [Method], i64, i64, Risk, Outcome, &'a str);
        let table: &[Case<'_>] = &[
            (&[Face], 5_000, 10_000, Low, Allow, "face-small"),
            (&[Face], 5_001, 0, Low, StepUp, "otherwise"),
            (&[Face], 5_000, 10_001, Low, StepUp, "otherwise"),
            (&[Face], 3_000, 7_000, Elevated, Allow, "face-fresh"),
            (&[Face], 3_001, 0, Elevated, StepUp, "otherwise"),
            (&[Face], 1, 0, High, StepUp, "high-risk"),
            (&[Face], i64::MAX, i64::MAX, Low, StepUp, "otherwise"),
            (&[Passphrase], 10_000, 0, Low, Allow, "passphrase-usual"),
            (&[Passphrase], 10_001, 0, Low, StepUp, "otherwise"),
            (&[Voice], 50_000, 0, Low, StepUp, "otherwise"),
            (&[Otp], 1, 0, Low, StepUp, "otherwise"),
            (&[Kungfu], 1_001, 0, Low, StepUp, "otherwise"),
            (&[Passkey], 9_000_000, 0, High, Allow, "two-elements"),
            (&[Face, Passphrase], 9_000_000, 0, Low, Allow, "two-elements"),
            (&[Otp, Passphrase], 50_000, 0, High, Allow, "two-elements"),
            (&[Face, Voice], 50_000, 0, Low, StepUp, "otherwise"),
            (&[Kungfu, Passphrase], 50_000, 0, Low, StepUp, "otherwise"),
        ];
        for (methods, cents, paid, risk, outcome, rule) in table {
            let (got, by, needs) = judge(methods, *cents, *paid, *risk);
            assert_eq!((got, by.as_str()), (*outcome, *rule), "{methods:?} {cents} {paid} {risk:?}");
            assert_eq!(needs.is_empty(), got != StepUp, "{methods:?}");
        }
        assert_eq!(judge(&[Voice], 50_000, 0, Low).2, [Passkey, Passphrase, Otp]);
        assert_eq!(judge(&[Kungfu], 50_000, 0, Low).2, [Passkey]);
        assert_eq!(judge(&[Passphrase], 50_000, 0, Low).2, [Passkey, Otp, Face, Voice]);
    }

    #[test]
    fn what_the_region_does_not_enable_proves_nothing_and_is_not_asked_for() {
        use Method::{Face, Kungfu, Otp, Passkey, Passphrase, Voice};
        let region = crate::Region { methods: vec![Face, Passphrase, Otp], ..crate::Region::default() };
        let rules = crate::Policy::default().in_region(region).rules;
        let ask = |proven: &[Method], cents| {
            let amount = Money::new(cents, Currency::EUR);
            rules.judge(&Asked { proven, amount, paid_24h: 0, risk: Risk::Low })
        };
        assert_eq!(ask(&[Passkey], 1).outcome, Outcome::StepUp, "a passkey is off");
        assert_eq!(ask(&[Kungfu], 1).outcome, Outcome::StepUp);
        assert_eq!(ask(&[Face, Voice], 9_000_000).needs, [Passphrase, Otp], "neither passkey nor voice is asked for");
        assert_eq!(ask(&[Face, Passphrase], 9_000_000).outcome, Outcome::Allow);
        assert_eq!(rules.alone(Voice, Currency::EUR, Risk::Low), None);
        assert!(rules.alone(Face, Currency::EUR, Risk::Low).is_some());
    }

    #[test]
    fn a_currency_without_limits_needs_two_elements() {
        let asked =
            |proven| Asked { proven, amount: Money::new(1, "CHF".parse().unwrap()), paid_24h: 0, risk: Risk::Low };
        let table = RuleTable::default();
        assert_eq!(table.judge(&asked(&[Method::Face])).outcome, Outcome::StepUp);
        assert_eq!(table.judge(&asked(&[Method::Face, Method::Passphrase])).outcome, Outcome::Allow);
        assert_eq!(table.alone(Method::Face, "CHF".parse().unwrap(), Risk::Low), None);
        let each = table.alone(Method::Face, Currency::EUR, Risk::Elevated).unwrap().unwrap().each;
        assert_eq!(each, Money::new(3_000, Currency::EUR));
        assert_eq!(table.alone(Method::Passkey, Currency::EUR, Risk::High), Some(None));
    }

    #[test]
    fn a_table_that_cannot_mean_what_it_says_is_refused() {
        let changed = |change: fn(&mut RuleTable)| {
            let mut table = RuleTable::default();
            change(&mut table);
            table.check()
        };
        assert_eq!(RuleTable::default().check(), Ok(()));
        assert!(changed(|t| t.rules.clear()).is_err());
        assert!(changed(|t| drop(t.rules.pop())).is_err(), "no catch-all");
        assert!(changed(|t| t.rules[1].name = "two-elements".into()).is_err());
        assert!(changed(|t| t.rules[1].name = "Bad name".into()).is_err());
        assert!(changed(|t| t.rules[0].elements = 0).is_err(), "allows without a proof");
        assert!(changed(|t| t.rules[2].limits[0].day = Money::new(1, Currency::EUR)).is_err());
        assert!(changed(|t| t.rules[2].limits[1] = t.rules[2].limits[0]).is_err());
    }

    #[test]
    fn a_step_up_that_nothing_completes_is_a_refusal() {
        let mut table = RuleTable::default();
        table.rules.drain(..table.rules.len() - 1);
        assert_eq!(table.check(), Ok(()));
        let asked =
            Asked { proven: &[Method::Face], amount: Money::new(1, Currency::EUR), paid_24h: 0, risk: Risk::Low };
        assert_eq!(table.judge(&asked).outcome, Outcome::Deny);
    }

    #[test]
    fn limits_are_written_as_people_write_money() {
        let json =
            r#"[{"name":"a","methods":["face"],"limits":[{"each":"1,500 JPY","day":"3000 JPY"}],"outcome":"allow"}]"#;
        let table: RuleTable = serde_json::from_str(json).unwrap();
        assert_eq!(table.rules[0].limits[0].each, Money::new(1_500, Currency::JPY));
        assert!(serde_json::from_str::<RuleTable>(r#"[{"name":"a","outcome":"allow","amount":1}]"#).is_err());
    }
}
