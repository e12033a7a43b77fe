//! Laws that hold for every expression, and texts that nobody would write.

#![cfg(test)]

use licenses::{Entry, Expression, Operator, Permission, Reading, Rules, Stated, read};
use proptest::prelude::*;

const ALLOWED: &str = "MIT";
const REVIEWED: &str = "MPL-2.0";
const DENIED: &str = "AGPL-3.0-only";

fn rules() -> Rules {
    let entries = |id: &str| vec![id.parse::<Entry>().unwrap()];
    Rules::new(&entries(ALLOWED), &entries(REVIEWED), &entries(DENIED))
}

/// Expressions over three licenses, one of each permission, and an unknown one.
fn expressions() -> impl Strategy<Value = String> {
    let leg = prop::sample::select(vec![ALLOWED, REVIEWED, DENIED, "Odd-1.0"]).prop_map(str::to_owned);
    leg.prop_recursive(5, 40, 4, |inner| {
        let joined = |operator: &'static str| move |legs: Vec<String>| format!("({})", legs.join(operator));
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(joined(" AND ")),
            prop::collection::vec(inner, 2..4).prop_map(joined(" OR ")),
        ]
    })
}

fn parse(text: &str) -> Expression {
    Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn permission(text: &str) -> Permission {
    rules().evaluate(&parse(text)).permission
}

proptest! {
    #[test]
    fn or_is_the_best_and_and_the_worst_leg(a in expressions(), b in expressions()) {
        let (left, right) = (permission(&a), permission(&b));
        prop_assert_eq!(permission(&format!("{a} OR {b}")), left.max(right));
        prop_assert_eq!(permission(&format!("{a} AND {b}")), left.min(right));
    }

    #[test]
    fn the_order_of_legs_does_not_change_the_permission(a in expressions(), b in expressions(), c in expressions()) {
        for operator in ["AND", "OR"] {
            let there = permission(&format!("{a} {operator} {b} {operator} {c}"));
            let back = permission(&format!("{c} {operator} ({b} {operator} {a})"));
            prop_assert_eq!(there, back);
        }
    }

    #[test]
    fn each_distributes_over_the_other(a in expressions(), b in expressions(), c in expressions()) {
        let factored = permission(&format!("{a} AND ({b} OR {c})"));
        prop_assert_eq!(factored, permission(&format!("({a} AND {b}) OR ({a} AND {c})")));
    }

    #[test]
    fn an_unknown_leg_never_poisons_an_or(a in expressions()) {
        prop_assert_eq!(permission(&format!("Strange OR {a}")), permission(&a).max(Permission::Review));
        prop_assert_eq!(permission(&format!("Strange OR {a} OR MIT")), Permission::Allow);
    }

    #[test]
    fn what_is_elected_has_no_choice_left_and_the_same_permission(a in expressions()) {
        let evaluation = rules().evaluate(&parse(&a));
        prop_assert!(!has_choice(&evaluation.elected));
        prop_assert_eq!(rules().evaluate(&evaluation.elected).permission, evaluation.permission);
    }

    #[test]
    fn the_canonical_text_reads_back(a in expressions()) {
        let once = parse(&a);
        prop_assert_eq!(parse(&once.to_string()), once.clone());
        prop_assert_eq!(read(&a).stated, Stated::Expression(once));
    }

    #[test]
    fn no_text_is_too_strange_to_read(text in "(\\PC|[()/+ ]|AND|OR|WITH|GPL|v2|License ::|https://){0,40}") {
        let reading: Reading = read(&text);
        if let Some(expression) = reading.expression() {
            prop_assert!(!rules().evaluate(expression).because.is_empty());
        }
    }
}

fn has_choice(expression: &Expression) -> bool {
    match expression {
        Expression::Term(_) => false,
        Expression::Compound(Operator::Or, _) => true,
        Expression::Compound(Operator::And, parts) => parts.iter().any(has_choice),
    }
}
