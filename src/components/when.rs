//! Times as people say them, in the language and time zone of the browser.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// How long ago, as the history groups it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// In the seven days before today.
    Week,
    /// Before that.
    Older,
}

impl Age {
    /// What the group is called.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Yesterday => "Yesterday",
            Self::Week => "Previous 7 days",
            Self::Older => "Older",
        }
    }

    /// From the numbers of two days; a clock that runs ahead still says today.
    fn of_days(today: i64, day: i64) -> Self {
        match today - day {
            ..=0 => Self::Today,
            1 => Self::Yesterday,
            2..=7 => Self::Week,
            8.. => Self::Older,
        }
    }
}

/// Now, on the monotonic clock.
pub(super) fn instant_ms() -> u64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now()) as u64
}

/// How long ago a time (Unix ms) is.
pub(super) fn age(at_ms: u64) -> Age {
    Age::of_days(local_day(&Date::new_0()), local_day(&date(at_ms)))
}

/// `14:05` for today, else with the day and, for another year, the year.
pub(super) fn short(at_ms: u64) -> String {
    let (date, now) = (date(at_ms), Date::new_0());
    let form = if local_day(&date) == local_day(&now) {
        Form::Today
    } else if date.get_full_year() == now.get_full_year() {
        Form::ThisYear
    } else {
        Form::OtherYear
    };
    formatted(&date, form)
}

/// To the second, for lists of what happened.
pub(super) fn exact(at_ms: u64) -> String {
    formatted(&date(at_ms), Form::Exact)
}

/// With day, month, year and time.
pub(super) fn full(at_ms: u64) -> String {
    formatted(&date(at_ms), Form::Full)
}

/// As machines write it, for `<time datetime>`.
pub(super) fn iso(at_ms: u64) -> String {
    date(at_ms).to_iso_string().into()
}

fn date(at_ms: u64) -> Date {
    // JavaScript's last date; a later one (a broken record) would throw in `toISOString`
    const LAST_MS: f64 = 8.64e15;
    Date::new(&JsValue::from_f64((at_ms as f64).min(LAST_MS)))
}

/// The number of the day in the local time zone.
fn local_day(date: &Date) -> i64 {
    const MINUTES_A_DAY: f64 = 24.0 * 60.0;
    ((date.get_time() / 60_000.0 - date.get_timezone_offset()) / MINUTES_A_DAY).floor() as i64
}

/// How a time is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Today,
    ThisYear,
    OtherYear,
    Exact,
    Full,
}

impl Form {
    /// As the browser's formatter wants to be told.
    fn options(self) -> &'static [(&'static str, &'static str)] {
        static SHORT: [(&str, &str); 5] = [
            ("hour", "numeric"),
            ("minute", "2-digit"),
            ("month", "short"),
            ("day", "numeric"),
            ("year", "numeric"),
        ];
        match self {
            Self::Today => &SHORT[..2],
            Self::ThisYear => &SHORT[..4],
            Self::OtherYear => &SHORT,
            Self::Exact => &[("hour", "numeric"), ("minute", "2-digit"), ("second", "2-digit")],
            Self::Full => &[("dateStyle", "full"), ("timeStyle", "short")],
        }
    }
}

thread_local! {
    /// Making a formatter takes a hundred times longer than using it, and a chat shows two times for each message.
    /// It keeps the time zone it was made in, so there is one for each.
    static FORMATTERS: RefCell<BTreeMap<(Form, i64), Function>> = const { RefCell::new(BTreeMap::new()) };
}

fn formatted(date: &Date, form: Form) -> String {
    let zone = Date::new_0().get_timezone_offset() as i64;
    let formatter = FORMATTERS
        .with_borrow_mut(|made| made.entry((form, zone)).or_insert_with(|| formatter(form)).clone());
    let text = formatter.call1(&JsValue::UNDEFINED, date);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn formatter(form: Form) -> Function {
    let options = Object::new();
    for (name, value) in form.options() {
        // setting a property of a plain object cannot fail
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    Intl::DateTimeFormat::new(&Array::new(), &options).format()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_fall_into_their_groups() {
        let ages = [-3, 0, 1, 2, 7, 8, 4000].map(|ago| Age::of_days(20_000, 20_000 - ago));
        use Age::{Older, Today, Week, Yesterday};
        assert_eq!(ages, [Today, Today, Yesterday, Week, Week, Older, Older]);
    }
}
