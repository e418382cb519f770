//! A QR code, drawn as one path; dark on light in every theme, or cameras do not read it.

use qrcodegen::{QrCode, QrCodeEcc};
use yew::prelude::*;

/// The light rim that readers need, in modules.
const RIM: i32 = 4;

/// The QR code of a text, named by what it is for.
pub(super) fn view(text: &str, name: &'static str) -> Html {
    let Some((path, size)) = path(text) else {
        return html! { <p class="problem">{ "This link is too long for a QR code. Copy it instead." }</p> };
    };
    html! {
        <svg class="qr" viewBox={format!("0 0 {size} {size}")} role="img" aria-label={name}
            shape-rendering="crispEdges">
            <rect class="qr-ground" width={size.to_string()} height={size.to_string()} />
            <path class="qr-dark" d={path} />
        </svg>
    }
}

/// The dark modules, row by row, and the length of a side with its rim.
fn path(text: &str) -> Option<(String, i32)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + RIM, y + RIM));
            }
            x += run + 1;
        }
    }
    Some((path, code.size() + 2 * RIM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fits_and_its_corners_are_there() {
        let link = "https://someone.github.io/muse-chat/#/join/abcd-efgh-ijkl-mnop-qrst-uvwx-yz23-4567";
        let (path, size) = path(link).expect("fits");
        assert!((29 + 8..=57).contains(&size), "{size}");
        // the finder in the upper left corner begins with a bar of seven
        assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
        assert!(super::path(&"x".repeat(5_000)).is_none());
    }
}
