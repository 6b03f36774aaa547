//! A screen as a picture, letter by letter: for the README.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

/// Width and height of a letter, and the margin around all of them.
const LETTER: (f64, f64) = (8.4, 17.0);
const MARGIN: f64 = 12.0;
const FOREGROUND: &str = "#d8dee9";
const BACKGROUND: &str = "#11151c";
/// The sixteen colours of a terminal.
const PALETTE: [&str; 16] = [
    "#2e3440", "#e06c75", "#7ec699", "#e5c07b", "#3b6ea8", "#c792ea", "#56b6c2", "#d8dee9", "#6b7689", "#ff8589",
    "#98d8b0", "#f4d58d", "#82b1ff", "#ddaaff", "#7fdbe6", "#ffffff",
];

/// Draws a screen as SVG.
pub(crate) fn picture(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (f64::from(columns) * LETTER.0 + 2.0 * MARGIN, f64::from(rows) * LETTER.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <title>cti wallboard</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let cells = (0..columns).filter_map(|column| Some((column, screen.cell(row, column)?)));
        let cells: Vec<_> = cells.filter(|(_, cell)| !cell.is_wide_continuation()).collect();
        for run in cells.chunk_by(|(_, a), (_, b)| looks(a) == looks(b) && !a.is_wide() && !b.is_wide()) {
            draw(&mut svg, row, run);
        }
    }
    svg + "</svg>\n"
}

/// What letters that are drawn together have in common.
type Looks = (Color, Color, bool, bool, bool, bool);

fn looks(cell: &Cell) -> Looks {
    (cell.fgcolor(), cell.bgcolor(), cell.bold(), cell.dim(), cell.inverse(), cell.underline())
}

/// Draws letters that look alike: what is behind them, a line beneath, boxes and blocks as shapes, and each word where it
/// begins. So the picture does not hang on the font that the reader has.
fn draw(svg: &mut String, row: u16, run: &[(u16, &Cell)]) {
    let [(column, first), ..] = run else { return };
    let (x, y) = place(*column, row);
    let width = run.iter().map(|(_, cell)| if cell.is_wide() { 2.0 } else { 1.0 }).sum::<f64>() * LETTER.0;
    let (mut front, mut back) = (colour(first.fgcolor(), FOREGROUND), colour(first.bgcolor(), BACKGROUND));
    if first.inverse() {
        std::mem::swap(&mut front, &mut back);
    }
    if back != BACKGROUND {
        rectangle(svg, (x, y), (width, LETTER.1), &back, 1.0);
    }
    let strength = if first.dim() { 0.6 } else { 1.0 };
    if first.underline() {
        rectangle(svg, (x, y + LETTER.1 - 1.5), (width, 1.0), &front, 0.5);
    }
    let is_shape = |cell: &Cell| cell.contents().chars().all(|letter| "│─┌┐└┘█░".contains(letter));
    for (column, cell) in run.iter().filter(|(_, cell)| cell.has_contents() && is_shape(cell)) {
        shape(svg, place(*column, row), cell.contents(), &front, strength);
    }
    let is_text = |(_, cell): &(u16, &Cell)| cell.has_contents() && cell.contents() != " " && !is_shape(cell);
    for word in run.chunk_by(|a, b| is_text(a) == is_text(b)).filter(|word| word.iter().all(is_text)) {
        let [(column, _), ..] = word else { continue };
        let (x, y) = place(*column, row);
        let text: String = word.iter().map(|(_, cell)| cell.contents()).collect();
        let weight = if first.bold() { " font-weight=\"bold\"" } else { "" };
        let opacity = if first.dim() { " opacity=\"0.6\"" } else { "" };
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{front}\"{weight}{opacity}>{escaped}</text>",
            y + 12.5
        );
    }
}

fn place(column: u16, row: u16) -> (f64, f64) {
    (MARGIN + f64::from(column) * LETTER.0, MARGIN + f64::from(row) * LETTER.1)
}

fn rectangle(svg: &mut String, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str, opacity: f64) {
    let opacity = if opacity < 1.0 { format!(" opacity=\"{opacity}\"") } else { String::new() };
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"{opacity}/>"
    );
}

/// A letter that has to meet its neighbours.
fn shape(svg: &mut String, (x, y): (f64, f64), letter: &str, colour: &str, strength: f64) {
    let (width, height) = LETTER;
    let (middle, centre) = (x + width / 2.0, y + height / 2.0);
    let half = |from_x: f64, from_y: f64| format!("M{from_x:.1} {from_y:.1}L{middle:.1} {centre:.1}");
    let (left, right) = (half(x, centre), half(x + width, centre));
    let (up, down) = (half(middle, y), half(middle, y + height));
    let path = match letter {
        "█" => return rectangle(svg, (x, y + 1.0), (width, height - 2.0), colour, strength),
        "░" => return rectangle(svg, (x, y + 1.0), (width, height - 2.0), colour, strength * 0.3),
        "│" => up + &down,
        "─" => left + &right,
        "┌" => right + &down,
        "┐" => left + &down,
        "└" => right + &up,
        _ => left + &up,
    };
    let _ = writeln!(svg, "<path d=\"{path}\" stroke=\"{colour}\" opacity=\"{strength}\"/>");
}

fn colour(colour: Color, default: &str) -> String {
    match colour {
        Color::Default => default.into(),
        Color::Idx(n @ 0..=15) => PALETTE[usize::from(n)].into(),
        Color::Idx(n @ 16..=231) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * u32::from(n) };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        Color::Idx(n) => {
            let grey = 8 + 10 * u32::from(n - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}
