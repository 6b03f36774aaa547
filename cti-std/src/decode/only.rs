//! The choice of messages by name.

use std::fmt;

use cti_proto::MessageType;

use crate::names::{nearest, plain};

/// The messages to show; by default all.
#[derive(Clone, Debug, Default)]
pub struct Only(Vec<MessageType>);

/// A name that no message has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMessage {
    /// The name.
    pub name: String,
    /// The most similar name that a message has, if one is similar.
    pub similar: Option<&'static str>,
}

impl Only {
    /// Shows messages of this name too. Names are those of the guide, in any case of letters, with or without
    /// underscores: `AGENT_STATE_EVENT`, `AgentStateEvent`.
    ///
    /// # Errors
    /// [`UnknownMessage`] if there is no such message.
    pub fn add(&mut self, name: &str) -> Result<(), UnknownMessage> {
        let wanted = plain(name);
        // Older guides have other names for some messages.
        let names = || MessageType::VALUES.iter().chain(MessageType::ALIASES);
        if let Some((_, number)) = names().find(|(name, _)| plain(name) == wanted) {
            self.0.push(MessageType(*number));
            return Ok(());
        }
        let similar = nearest(name, names().map(|(name, _)| *name));
        Err(UnknownMessage { name: name.into(), similar })
    }

    /// Whether messages of this type are shown.
    #[must_use]
    pub fn includes(&self, message: MessageType) -> bool {
        self.0.is_empty() || self.0.contains(&message)
    }
}

impl fmt::Display for UnknownMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no message is called `{}`", self.name)?;
        match self.similar {
            Some(similar) => write!(f, "; did you mean `{similar}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownMessage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_spelling_and_suggested() {
        let mut only = Only::default();
        assert!(only.includes(MessageType::OPEN_REQ), "all, by default");
        only.add("agent_state_event").unwrap();
        only.add("OpenReq").unwrap();
        assert!(only.includes(MessageType::AGENT_STATE_EVENT) && only.includes(MessageType::OPEN_REQ));
        assert!(!only.includes(MessageType::OPEN_CONF));
        let error = only.add("AGENT_STAET_EVENT").unwrap_err();
        assert_eq!(error.to_string(), "no message is called `AGENT_STAET_EVENT`; did you mean `AGENT_STATE_EVENT`?");
        assert_eq!(only.add("xyz").unwrap_err().similar, None);
    }
}
