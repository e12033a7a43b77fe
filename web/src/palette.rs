//! The colours, held to what ux.md §6.2 and §8 promise, read from the style sheet itself.

use std::collections::HashMap;

type Rgb = [f64; 3];

const STYLE: &str = include_str!("../assets/app.css");
const BANDS: [&str; 5] = ["critical", "high", "medium", "low", "unknown"];

/// `--name:light-dark(#aaaaaa,#bbbbbb)` of the style sheet, as linear light, light mode first.
fn tokens() -> HashMap<&'static str, [Rgb; 2]> {
    let mut tokens = HashMap::new();
    for declaration in STYLE.split([';', '{']).map(str::trim) {
        let declaration = declaration.rsplit("*/").next().unwrap().trim();
        let Some((name, value)) = declaration
            .strip_prefix("--")
            .and_then(|rest| rest.split_once(':'))
        else {
            continue;
        };
        let Some(pair) = value
            .trim()
            .strip_prefix("light-dark(")
            .and_then(|rest| rest.strip_suffix(')'))
        else {
            continue;
        };
        if let Some((light, dark)) = pair.split_once(',').filter(|(light, _)| light.starts_with('#')) {
            tokens.insert(name, [rgb(light), rgb(dark)]);
        }
    }
    tokens
}

fn rgb(hex: &str) -> Rgb {
    let digits = hex.trim().strip_prefix('#').unwrap();
    assert_eq!(digits.len(), 6, "{hex}");
    let channel = |at: usize| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
    [0, 2, 4].map(channel).map(|c| {
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn luminance([r, g, b]: Rgb) -> f64 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// WCAG 2.2, 1.4.3.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Machado, Oliveira and Fernandes 2009, severity 1.0, in linear light.
const VISIONS: [(&str, [Rgb; 3]); 4] = [
    ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protan",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deutan",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritan",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

fn times(matrix: &[Rgb; 3], colour: Rgb) -> Rgb {
    matrix.map(|row| row.iter().zip(colour).map(|(a, b)| a * b).sum())
}

/// The distance in `OKLab`, times 100, of two colours as somebody with this vision sees them.
fn distance(vision: &[Rgb; 3], one: Rgb, other: Rgb) -> f64 {
    let seen = |colour: Rgb| oklab(times(vision, colour).map(|c| c.clamp(0.0, 1.0)));
    let squares = seen(one)
        .into_iter()
        .zip(seen(other))
        .map(|(a, b)| (a - b) * (a - b));
    100.0 * squares.sum::<f64>().sqrt()
}

fn oklab(colour: Rgb) -> Rgb {
    const LMS: [Rgb; 3] = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ];
    const LAB: [Rgb; 3] = [
        [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
    ];
    times(&LAB, times(&LMS, colour).map(f64::cbrt))
}

/// Asserts the contrast of each pair of tokens in both modes.
fn check(pairs: &[(&str, &str)], least: f64) {
    let tokens = tokens();
    for (front, back) in pairs {
        for (mode, at) in [("light", 0), ("dark", 1)] {
            let ratio = contrast(tokens[front][at], tokens[back][at]);
            assert!(
                ratio >= least,
                "{front} on {back}, {mode}: {ratio:.2}, not {least}"
            );
        }
    }
}

#[test]
fn text_is_readable() {
    let mut pairs = vec![
        ("link", "surface"),
        ("link", "bg"),
        ("link", "surface-2"),
        ("pass", "pass-bg"),
        ("fail", "fail-bg"),
        ("warn", "warn-bg"),
        ("pass", "surface"),
        ("fail", "surface"),
        ("warn", "surface"),
        ("fail", "surface-2"),
        ("bg", "ink"),
        ("ink-2", "surface-3"),
    ];
    for ink in ["ink", "ink-2", "ink-3"] {
        pairs.extend([(ink, "bg"), (ink, "surface"), (ink, "surface-2")]);
    }
    check(&pairs, 4.5);
}

#[test]
fn marks_and_controls_stand_out() {
    let mut pairs = vec![
        ("control", "surface"),
        ("focus", "surface"),
        ("focus", "bg"),
        ("pass", "surface"),
        ("warn", "surface"),
        ("fail", "surface"),
    ];
    pairs.extend(BANDS.map(|band| (band, "surface")));
    check(&pairs, 3.0);
}

#[test]
fn severities_differ_for_every_kind_of_colour_vision() {
    let tokens = tokens();
    let mut compared = 0;
    for (vision, matrix) in &VISIONS {
        for (mode, at) in [("light", 0), ("dark", 1)] {
            for (index, one) in BANDS.iter().enumerate() {
                for other in &BANDS[index + 1..] {
                    let apart = distance(matrix, tokens[one][at], tokens[other][at]);
                    assert!(apart >= 10.0, "{one} and {other}, {mode}, {vision}: {apart:.1}");
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 80);
}

#[test]
fn the_sheet_is_strict_about_itself() {
    assert!(STYLE.len() < 48_000, "{} bytes", STYLE.len());
    let screen = STYLE.split("@layer print{").next().unwrap();
    assert!(!screen.contains("!important"), "outside print nothing is forced");
    assert!(!STYLE.contains("http://") && !STYLE.contains("https://"));
}
