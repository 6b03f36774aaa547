//! Which protocol a session speaks: product and version, as data.

use crate::error::UnsupportedVersion;

/// The product whose dialect is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Product {
    /// Unified Contact Center Enterprise (and ICM), versions 9 to 25.
    Cce,
    /// Unified Contact Center Express, versions 10 to 18.
    Ccx,
}

/// Product and version of a session, stated by the client in `OPEN_REQ` and in force for every message.
///
/// Guide: "Session Management", `VersionNumber`; for Unified CCX the introduction of its own guide.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
// As large as a word, so that it is moved in one.
#[cfg_attr(target_pointer_width = "32", repr(align(4)))]
pub struct Protocol {
    product: Product,
    version: u8,
    format: Option<FieldFormat>,
}

/// How the tag and the length in front of a floating field are written.
///
/// Guide: "Messaging Conventions", floating fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FieldFormat {
    /// One byte each: versions below 20, and Unified CCX below 18.
    Narrow,
    /// Two bytes each: versions from 20.
    Wide,
    /// A tag of two bytes and a length of one: one reading of the guide for Unified CCX 18.
    WideTag,
    /// Two bytes each, but a length of one byte for named variables and arrays: another reading of the guide for
    /// Unified CCX 18.
    WideTagNamedNarrow,
}

impl Protocol {
    /// Oldest version of Unified CCE that is covered.
    pub const CCE_MIN: u32 = 9;
    /// Newest version of Unified CCE that is covered.
    pub const CCE_MAX: u32 = 25;
    /// Oldest version of Unified CCX that is covered.
    pub const CCX_MIN: u32 = 10;
    /// Newest version of Unified CCX that is covered.
    pub const CCX_MAX: u32 = 18;

    /// Unified CCE at `version`, 9 to 25.
    ///
    /// # Errors
    /// [`UnsupportedVersion`] outside that range.
    pub const fn cce(version: u32) -> Result<Self, UnsupportedVersion> {
        Self::new(Product::Cce, version)
    }

    /// Unified CCX at `version`, 10 to 18.
    ///
    /// The guide leaves open how wide the length of a floating field is at version 18. A decoder tries the
    /// readings on each frame and takes the first in which the fields fill it exactly, in the order of
    /// [`FieldFormat`]; an encoder writes two bytes. [`with_format`](Self::with_format) settles both.
    ///
    /// # Errors
    /// [`UnsupportedVersion`] outside that range.
    pub const fn ccx(version: u32) -> Result<Self, UnsupportedVersion> {
        Self::new(Product::Ccx, version)
    }

    /// The dialect of `product` at `version`.
    ///
    /// # Errors
    /// [`UnsupportedVersion`] if the product has no such version.
    pub const fn new(product: Product, version: u32) -> Result<Self, UnsupportedVersion> {
        let (min, max, format) = match product {
            Product::Cce if version < 20 => (Self::CCE_MIN, Self::CCE_MAX, Some(FieldFormat::Narrow)),
            Product::Cce => (Self::CCE_MIN, Self::CCE_MAX, Some(FieldFormat::Wide)),
            // Unified CCX widens its tags at 18 and not at 20, and its guide contradicts itself about the lengths.
            Product::Ccx if version < 18 => (Self::CCX_MIN, Self::CCX_MAX, Some(FieldFormat::Narrow)),
            Product::Ccx => (Self::CCX_MIN, Self::CCX_MAX, None),
        };
        if version < min || version > max {
            return Err(UnsupportedVersion { product, version });
        }
        Ok(Self { product, version: version as u8, format })
    }

    /// The same protocol with the width of tags and lengths settled, for Unified CCX 18.
    #[must_use]
    pub const fn with_format(self, format: FieldFormat) -> Self {
        Self { format: Some(format), ..self }
    }

    /// The product.
    #[must_use]
    pub const fn product(self) -> Product {
        self.product
    }

    /// Whether the product is Unified CCX.
    #[must_use]
    pub const fn is_ccx(self) -> bool {
        matches!(self.product, Product::Ccx)
    }

    /// The version number as `OPEN_REQ` carries it.
    #[must_use]
    pub const fn version(self) -> u32 {
        self.version as u32
    }

    /// The format of floating fields; `None` where the frame must tell (Unified CCX 18).
    #[must_use]
    pub const fn format(self) -> Option<FieldFormat> {
        self.format
    }

    /// Largest message with its header, in bytes: 4,329 up to version 19, 12,500 from version 20.
    #[must_use]
    pub const fn max_message(self) -> usize {
        // The guides of versions 15 and 24 print one each; a peer of version 19 is known to keep to the smaller.
        if self.version < 20 { 4_329 } else { 12_500 }
    }
}

impl core::fmt::Debug for Protocol {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl core::fmt::Display for Protocol {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {}", self.product, self.version)
    }
}

impl core::fmt::Display for Product {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Cce => "Unified CCE",
            Self::Ccx => "Unified CCX",
        })
    }
}
