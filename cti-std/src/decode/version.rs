//! Which protocol a stream is written in, where nothing tells it: the one in which the most messages make sense.

use cti_proto::message::{MessageInfo, Value, Versions};
use cti_proto::{Frame, MessageType, Parsed, Product, Protocol};

use super::Options;

/// What the user says of the protocol.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// The version.
    pub(crate) version: Option<u32>,
    /// The product.
    pub(crate) product: Option<Product>,
    /// Whether, of products that fit equally, Unified CCX is the likelier one.
    pub(crate) prefer_ccx: bool,
}

impl Wanted {
    /// As the options say.
    pub(crate) fn of(options: &Options) -> Self {
        Self { version: options.protocol, product: options.product, prefer_ccx: false }
    }

    /// The protocols that it can be, the preferred one last.
    pub(crate) fn candidates(self) -> Vec<Protocol> {
        let versions = self.version.map_or(Protocol::CCE_MIN..=Protocol::CCE_MAX, |version| version..=version);
        let mut products = vec![Product::Ccx, Product::Cce];
        products.retain(|product| self.product.is_none_or(|wanted| wanted == *product));
        if self.prefer_ccx {
            products.reverse();
        }
        let protocols =
            products.into_iter().flat_map(|product| versions.clone().map(move |v| Protocol::new(product, v)));
        protocols.filter_map(Result::ok).collect()
    }
}

/// The version that an `OPEN_REQ` asks for.
pub(crate) fn opened(message: MessageType, body: &[u8]) -> Option<u32> {
    let (version, _) = body.get(4..)?.split_first_chunk()?;
    (message == MessageType::OPEN_REQ).then(|| u32::from_be_bytes(*version))
}

/// The outcome of trying.
#[derive(Debug)]
pub(crate) struct Found {
    /// The protocol that fits best.
    pub(crate) protocol: Protocol,
    /// How many messages it decodes without error.
    pub(crate) fitting: usize,
    /// Further versions of the product that do as well.
    pub(crate) others: Vec<u32>,
}

/// How well a protocol fits: messages without error, then how little is odd about them.
type Score = (usize, std::cmp::Reverse<usize>);

/// Tries every candidate on the frames; of those that fit equally, the last. `None` if there are no candidates.
pub(crate) fn find<'a>(candidates: &[Protocol], frames: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Found> {
    let score = |protocol: Protocol| -> Score {
        let oddities = frames.clone().filter_map(|bytes| oddities(protocol, bytes));
        let (fitting, odd) = oddities.fold((0, 0), |(count, sum), odd| (count + 1, sum + odd));
        (fitting, std::cmp::Reverse(odd))
    };
    let scores: Vec<(Protocol, Score)> = candidates.iter().map(|&protocol| (protocol, score(protocol))).collect();
    // The last of equals, which is the preferred one.
    let &(protocol, best) = scores.iter().max_by_key(|(_, score)| *score)?;
    let equal = scores.iter().filter(|(_, score)| *score == best).map(|(equal, _)| *equal);
    let others = equal.filter(|other| other.product() == protocol.product() && *other != protocol);
    Some(Found { protocol, fitting: best.0, others: others.map(Protocol::version).collect() })
}

/// `None` if the frame cannot be decoded; else how much in it should not be there, or is not there and should be.
fn oddities(protocol: Protocol, bytes: &[u8]) -> Option<usize> {
    let Ok(Parsed::Frame(frame, _)) = Frame::parse(protocol, bytes) else {
        return None;
    };
    // A message that no version knows speaks for none of them.
    let Some(info) = frame.info() else {
        return Some(0);
    };
    let (mut odd, mut fixed) = (usize::from(!info.versions.include(protocol)), 0);
    for field in frame.fields() {
        let field = field.ok()?;
        match field.tag {
            None => fixed += 1,
            Some(tag) => odd += usize::from(!is_regular(info, protocol, tag, field.value)),
        }
        // A number without a name hints at a field that is read in the wrong place.
        let nameless = field.values.is_some_and(|table| !table.mask) && field.symbol().is_none();
        odd += usize::from(nameless);
    }
    let expected: usize = info.fixed_in(protocol).map(|field| field.names().count()).sum();
    // FAILURE_CONF has two forms, with one field more or less.
    let missing = if info.message_type == MessageType::FAILURE_CONF { 0 } else { expected.saturating_sub(fixed) };
    Some(odd + missing)
}

/// Whether the protocol has the field, and a text in it looks like one.
fn is_regular(info: &'static MessageInfo, protocol: Protocol, tag: u16, value: Value<'_>) -> bool {
    let versions = info.field(protocol, tag).map(|field| field.rule.versions);
    let has_field = versions.is_some_and(|versions: Versions| versions.include(protocol));
    let is_readable = match value {
        Value::Text(text) => text.to_str().is_ok_and(|text| !text.contains(char::is_control)),
        _ => true,
    };
    has_field && is_readable
}

#[cfg(test)]
mod tests {
    use cti_proto::encode;
    use cti_proto::message::{AgentStateEvent, Body, OpenConf};

    use super::*;

    fn frame<'a>(protocol: Protocol, message: &impl Body<'a>) -> Vec<u8> {
        let mut buffer = [0; 1024];
        encode(protocol, message, &mut buffer).unwrap().to_vec()
    }

    fn found(protocol: Protocol) -> Found {
        let state = AgentStateEvent { agent_id: Some("1001".into()), ..AgentStateEvent::default() };
        let frames = [frame(protocol, &OpenConf::default()), frame(protocol, &state)];
        find(&Wanted::default().candidates(), frames.iter().map(Vec::as_slice)).unwrap()
    }

    #[test]
    fn the_layout_tells_the_version() {
        for version in Protocol::CCE_MIN..=Protocol::CCE_MAX {
            let protocol = Protocol::cce(version).unwrap();
            let found = found(protocol);
            assert_eq!(found.fitting, 2);
            let mut fitting = found.others.clone();
            fitting.push(found.protocol.version());
            assert!(fitting.contains(&version), "{version}: {found:?}");
            assert_eq!(found.protocol.product(), Product::Cce);
            assert_eq!(found.protocol.version() >= 20, version >= 20, "the width of tags");
        }
    }

    #[test]
    fn what_the_user_says_limits_the_candidates() {
        let ccx = Wanted { product: Some(Product::Ccx), ..Wanted::default() };
        assert_eq!(ccx.candidates().len(), 9);
        let both = Wanted { version: Some(15), ..Wanted::default() };
        assert_eq!(both.candidates(), [Protocol::ccx(15).unwrap(), Protocol::cce(15).unwrap()]);
        let preferred = Wanted { version: Some(15), prefer_ccx: true, product: None };
        assert_eq!(preferred.candidates().last(), Some(&Protocol::ccx(15).unwrap()));
        assert!(Wanted { version: Some(24), product: Some(Product::Ccx), prefer_ccx: false }.candidates().is_empty());
    }
}
