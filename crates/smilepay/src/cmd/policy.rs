//! `smilepay policy explain`: a dry run of the step-up table, through the same look-up as a payment.

use std::process::ExitCode;

use base::Method;
use clap::{Args, Subcommand, ValueEnum};
use decide::{Answer, Asked, Circumstances, Country, Policy, Reason, Risk};
use money::{Currency, Money};

use crate::boot::BootError;
use crate::boot::policy::PolicySource;
use crate::boot::region::RegionSource;
use crate::terminal::{complain, say};

/// Exit code of arguments that make no case, as clap's own.
const MISUSE: u8 = 2;

/// Arguments of `smilepay policy`.
#[derive(Debug, Args)]
#[command(
    about = "Check a decision policy and try it out",
    after_help = "Examples:
  smilepay policy explain --amount 500.00 --currency EUR --method voice --json
  smilepay policy explain --amount 500.00 --currency EUR --method face --method passphrase
  smilepay policy explain --region china --amount 1200.00 --currency CNY --method face
  smilepay policy explain --amount 40.00 --currency EUR --method face --payments-hour 20 --country FR
  smilepay policy check --policy FILE      exit code 1 and one sentence when it cannot be used"
)]
pub struct PolicyArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// What would happen to a payment, what it would need, and which rule says so
    Explain(Case),
    /// Read a policy and say whether it can be used
    Check {
        /// eu-rts, china or a file [default: the region's]
        #[arg(long, value_name = "PROFILE|FILE")]
        policy: Option<PolicySource>,
        /// china, eu or a file
        #[arg(long, value_name = "REGION|FILE", default_value = "eu")]
        region: RegionSource,
    },
}

#[derive(Debug, Args)]
struct Case {
    /// eu-rts, china or a file [default: the region's]
    #[arg(long, value_name = "PROFILE|FILE")]
    policy: Option<PolicySource>,
    /// china, eu or a file
    #[arg(long, value_name = "REGION|FILE", default_value = "eu")]
    region: RegionSource,
    /// Such as 500.00; whole units for currencies without a fraction
    #[arg(long)]
    amount: String,
    /// ISO 4217, such as EUR
    #[arg(long)]
    currency: Currency,
    /// A proven method; repeat it for several
    #[arg(long = "method", value_parser = method)]
    methods: Vec<Method>,
    /// How unusual the payment is: elevated for a method in its first day or after failures, high for both
    #[arg(long, value_enum, default_value_t = RiskChoice::Low)]
    risk: RiskChoice,
    /// What this method paid alone in the last 24 hours, in the same currency
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    paid_today: String,
    /// Payments of this payer in the last hour, by any method
    #[arg(long, value_name = "N", default_value_t = 0)]
    payments_hour: u32,
    /// Payments in the last 24 hours
    #[arg(long, value_name = "N", default_value_t = 0)]
    payments_day: u32,
    /// On a device where this payer has never signed in
    #[arg(long)]
    new_device: bool,
    /// Where the payer is, such as DE; unknown when left out
    #[arg(long, value_name = "COUNTRY")]
    country: Option<Country>,
    /// Print {"outcome","needs","rule","risk","unusual"}
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RiskChoice {
    Low,
    Elevated,
    High,
}

fn method(name: &str) -> Result<Method, String> {
    let names = Method::ALL.map(Method::as_str).join(", ");
    Method::ALL.into_iter().find(|m| m.as_str() == name).ok_or_else(|| format!("the methods are {names}"))
}

/// Runs the command.
///
/// # Errors
/// A policy that cannot be used.
pub fn run(args: PolicyArgs) -> Result<ExitCode, BootError> {
    match args.action {
        Action::Check { policy, region } => {
            let policy = region.policy(policy.as_ref())?;
            say(format_args!("{}: {} rules, usable", policy.profile, policy.rules.rules.len()));
            Ok(ExitCode::SUCCESS)
        }
        Action::Explain(case) => {
            let policy = case.region.policy(case.policy.as_ref())?;
            let asked = match case.asked(&policy) {
                Ok(asked) => asked,
                Err(why) => {
                    complain(why);
                    return Ok(ExitCode::from(MISUSE));
                }
            };
            show(&policy.rules.judge(&asked), asked.risk, &case.unusual(&policy), case.json);
            Ok(ExitCode::SUCCESS)
        }
    }
}

impl Case {
    fn circumstances(&self) -> Circumstances {
        let Self { payments_hour, payments_day, country, .. } = *self;
        Circumstances { payments_hour, payments_day, known_device: !self.new_device, country }
    }

    fn unusual(&self, policy: &Policy) -> Vec<Reason> {
        policy.usual.noticed(&self.circumstances()).collect()
    }

    fn asked(&self, policy: &Policy) -> Result<Asked<'_>, String> {
        let read = |what: &str, text: &str| {
            let money: Result<Money, _> = format!("{text} {}", self.currency).parse();
            money.map_err(|e| format!("{what} {text:?}: {e}"))
        };
        let (amount, paid) = (read("--amount", &self.amount)?, read("--paid-today", &self.paid_today)?);
        if amount.minor() <= 0 || paid.minor() < 0 {
            return Err("an amount is above zero, and what was paid today not below".into());
        }
        let risk = match self.risk {
            RiskChoice::Low => Risk::Low,
            RiskChoice::Elevated => Risk::Elevated,
            RiskChoice::High => Risk::High,
        };
        let risk = policy.usual.raise(risk, &self.circumstances());
        Ok(Asked { proven: &self.methods, amount, paid_24h: paid.minor(), risk })
    }
}

fn show(answer: &Answer, risk: Risk, unusual: &[Reason], json: bool) {
    if json {
        let Answer { outcome, needs, rule } = answer;
        let told =
            serde_json::json!({"outcome": outcome, "needs": needs, "rule": rule, "risk": risk, "unusual": unusual});
        return say(told);
    }
    say(format_args!("{} (rule {})", answer.outcome.as_str(), answer.rule));
    if !unusual.is_empty() {
        let what: Vec<&str> = unusual.iter().map(|reason| reason.as_str()).collect();
        say(format_args!("unusual: {}", what.join(", ")));
    }
    if !answer.needs.is_empty() {
        let needs: Vec<&str> = answer.needs.iter().map(|m| m.as_str()).collect();
        say(format_args!("one of these as well: {}", needs.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        case: Case,
    }

    fn explain(line: &str) -> Result<String, String> {
        let words = std::iter::once("explain").chain(line.split_whitespace());
        let case = Alone::try_parse_from(words).map_err(|e| e.to_string())?.case;
        let policy = case.region.policy(case.policy.as_ref()).unwrap();
        let answer = policy.rules.judge(&case.asked(&policy)?);
        Ok(serde_json::json!({"outcome": answer.outcome, "needs": answer.needs, "rule": answer.rule}).to_string())
    }

    #[test]
    fn a_case_is_explained() {
        let voice = explain("--amount 500.00 --currency EUR --method voice").unwrap();
        assert_eq!(voice, r#"{"needs":["passkey","passphrase","otp"],"outcome":"step_up","rule":"otherwise"}"#);
        let two = explain("--amount 500.00 --currency EUR --method face --method passphrase").unwrap();
        assert_eq!(two, r#"{"needs":[],"outcome":"allow","rule":"two-elements"}"#);
        let china = |rest: &str| explain(&format!("--policy china --currency CNY {rest}")).unwrap();
        assert!(china("--amount 1000.00 --method face").contains(r#""outcome":"allow","rule":"cn-c-face""#));
        assert!(china("--amount 1000.01 --method face").contains(r#""outcome":"step_up""#));
        assert!(china("--amount 5000.00 --method face --method otp").contains("cn-b-two-elements"));
        assert!(china("--amount 5000.01 --method face --method otp").contains(r#"["passkey"]"#));
        assert!(china("--amount 90000.00 --method passkey").contains("cn-a-signature"));
        assert!(china("--amount 600.00 --method face --risk elevated").contains("cn-otherwise"));
        assert!(china("--amount 900.00 --paid-today 200.00 --method face").contains("step_up"));
    }

    #[test]
    fn a_region_has_its_own_table_and_its_own_ways() {
        let china = explain("--region china --amount 1000.00 --currency CNY --method face").unwrap();
        assert!(china.contains(r#""outcome":"allow","rule":"cn-c-face""#), "{china}");
        // Kungfu pays pocket money in the European table; in China it is off, whatever the table.
        let kungfu = "--amount 5.00 --currency EUR --method kungfu";
        assert!(explain(kungfu).unwrap().contains("kungfu-small"));
        let off = explain(&format!("--region china --policy eu-rts {kungfu}")).unwrap();
        assert!(off.contains(r#""outcome":"step_up","rule":"otherwise""#), "{off}");
    }

    #[test]
    fn many_payments_and_other_countries_are_unusual() {
        let pay = "--amount 40.00 --currency EUR --method face";
        assert!(explain(pay).unwrap().contains("face-small"));
        assert!(explain(&format!("{pay} --payments-hour 19 --payments-day 59")).unwrap().contains("face-small"));
        assert!(explain(&format!("{pay} --payments-hour 20")).unwrap().contains(r#""rule":"otherwise""#));
        assert!(explain(&format!("{pay} --payments-day 60")).unwrap().contains(r#""rule":"otherwise""#));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("home.toml");
        let base = include_str!("../../../../config/policies/eu-rts.toml");
        let (head, rules) = base.split_once("[[rules]]").unwrap();
        let usual = "[usual]\nknown_device = true\ncountries = [\"DE\", \"AT\"]\n\n";
        std::fs::write(
            &file,
            format!("{}{usual}[[rules]]{rules}", head.split_once("[usual]").map_or(head, |(h, _)| h)),
        )
        .unwrap();
        let at = |rest: &str| explain(&format!("--policy {} {pay} {rest}", file.display())).unwrap();
        assert!(at("--country DE").contains("face-small"));
        assert!(at("--country FR").contains(r#""rule":"otherwise""#));
        assert!(at("").contains(r#""rule":"otherwise""#), "nobody said where");
        assert!(at("--country FR --new-device").contains(r#""rule":"high-risk""#));
        assert!(explain(&format!("{pay} --country Germany")).unwrap_err().contains("two capital letters"));
    }

    #[test]
    fn what_makes_no_case_is_refused() {
        assert!(explain("--amount 500.0 --currency EUR --method voice").unwrap_err().contains("--amount"));
        assert!(explain("--amount 0.00 --currency EUR").is_err());
        assert!(explain("--amount 1.00 --currency EURO").is_err());
        assert!(explain("--amount 1.00 --currency EUR --method smell").unwrap_err().contains("passkey"));
    }
}
