//! What strangers may send as a picture. All inputs are made here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::io::Cursor;

use face::{DecodeError, DecodeLimits, Picture};
use image::{ImageFormat, RgbImage};

/// Left half red, right half blue, with a white top left corner.
fn sample(w: u32, h: u32) -> RgbImage {
    RgbImage::from_fn(w, h, |x, y| match (x, y) {
        (x, y) if x < w / 4 && y < h / 4 => image::Rgb([255, 255, 255]),
        (x, _) if x < w / 2 => image::Rgb([200, 0, 0]),
        _ => image::Rgb([0, 0, 200]),
    })
}

fn encode(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Puts an EXIF segment with this orientation behind the start-of-image marker.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    tiff.extend([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &tiff, &jpeg[2..]].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &b| {
        (0..8).fold(crc ^ u32::from(b), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
    })
}

/// A valid PNG whose header claims another size.
fn png_claiming(w: u32, h: u32) -> Vec<u8> {
    let mut png = encode(&sample(32, 32), ImageFormat::Png);
    png[16..20].copy_from_slice(&w.to_be_bytes());
    png[20..24].copy_from_slice(&h.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

fn pixel(p: &Picture, x: u32, y: u32) -> [u8; 3] {
    let i = ((y * p.width() + x) * 3) as usize;
    p.rgb()[i..i + 3].try_into().unwrap()
}

fn is_red([r, g, b]: [u8; 3]) -> bool {
    r > 150 && g < 60 && b < 60
}

fn is_white(rgb: [u8; 3]) -> bool {
    rgb.iter().all(|&v| v > 200)
}

#[test]
fn the_three_formats_give_the_same_picture() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let p = Picture::decode(&encode(&sample(64, 48), format), &DecodeLimits::frame()).unwrap();
        assert_eq!((p.width(), p.height()), (64, 48));
        assert!(is_white(pixel(&p, 4, 4)) && is_red(pixel(&p, 24, 40)), "{format:?}");
        assert_eq!(pixel(&p, 56, 24)[0] / 32, 0, "{format:?}");
    }
}

#[test]
fn grey_jpegs_become_rgb() {
    let grey = image::GrayImage::from_fn(40, 40, |x, _| image::Luma([(x * 5) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    grey.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let p = Picture::decode(bytes.get_ref(), &DecodeLimits::file()).unwrap();
    assert_eq!(p.rgb().len(), 40 * 40 * 3);
    let [r, g, b] = pixel(&p, 20, 20);
    assert!(r == g && g == b && r.abs_diff(100) < 8, "{r} {g} {b}");
}

#[test]
fn exif_orientation_is_applied() {
    let jpeg = encode(&sample(64, 48), ImageFormat::Jpeg);
    // Orientation and where the white corner must be seen.
    for (orientation, size, corner) in [
        (1, (64, 48), (4, 4)),
        (3, (64, 48), (59, 43)),
        (6, (48, 64), (43, 4)),
        (8, (48, 64), (4, 59)),
        (2, (64, 48), (59, 4)),
    ] {
        let p = Picture::decode(&with_exif(&jpeg, orientation), &DecodeLimits::file()).unwrap();
        assert_eq!((p.width(), p.height()), size, "{orientation}");
        assert!(is_white(pixel(&p, corner.0, corner.1)), "{orientation}");
    }
}

#[test]
fn a_bomb_is_refused_from_its_header() {
    let error = Picture::decode(&png_claiming(12_000, 12_000), &DecodeLimits::file()).err().unwrap();
    assert_eq!(error, DecodeError::TooManyPixels { width: 12_000, height: 12_000 });
    let error = Picture::decode(&png_claiming(2_000_000_000, 2), &DecodeLimits::file()).err().unwrap();
    assert!(matches!(error, DecodeError::TooManyPixels { .. }), "{error}");
    let jpeg = encode(&sample(1_400, 32), ImageFormat::Jpeg);
    assert!(Picture::decode(&jpeg, &DecodeLimits::frame()).is_err());
    assert!(Picture::decode(&jpeg, &DecodeLimits::file()).is_ok());
}

#[test]
fn a_cut_off_file_is_called_cut_off() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let whole = encode(&sample(200, 200), format);
        for percent in [30, 60, 97] {
            let cut = &whole[..whole.len() * percent / 100];
            let error = Picture::decode(cut, &DecodeLimits::file()).err().unwrap();
            assert!(
                matches!(error, DecodeError::Truncated | DecodeError::Damaged { .. }),
                "{format:?} {percent}: {error}"
            );
        }
    }
    // A thumbnail's end marker inside the EXIF segment is not the picture's end.
    let whole = encode(&sample(200, 200), ImageFormat::Jpeg);
    let comment = [&whole[..2], &[0xFF, 0xFE, 0, 6, 0xFF, 0xD9, 0xFF, 0xD9], &whole[2..whole.len() / 2]].concat();
    assert_eq!(Picture::decode(&comment, &DecodeLimits::file()).err(), Some(DecodeError::Truncated));
}

#[test]
fn what_is_no_picture_is_refused_in_words() {
    let limits = DecodeLimits::frame();
    type Expected = fn(&DecodeError) -> bool;
    let cases: [(&[u8], Expected); 5] = [
        (b"", |e| *e == DecodeError::Empty),
        (b"hello, I am a text", |e| *e == DecodeError::UnknownFormat),
        (b"GIF89a\x10\0\x10\0", |e| *e == DecodeError::UnknownFormat),
        (b"\xFF\xD8\xFF", |e| *e == DecodeError::Truncated),
        (b"\xFF\xD8\xFF\xE0\x8b\x12ZZqqwerty\xFF\xDA\x01\x02\xFF\xD9", |e| {
            matches!(e, DecodeError::Damaged { .. } | DecodeError::Truncated)
        }),
    ];
    for (bytes, expected) in cases {
        let error = Picture::decode(bytes, &limits).err().unwrap();
        assert!(expected(&error), "{bytes:?}: {error:?}");
    }
    let big = vec![0; limits.max_bytes + 1];
    assert!(matches!(Picture::decode(&big, &limits), Err(DecodeError::TooManyBytes { .. })));
    let dot = encode(&sample(1, 1), ImageFormat::Png);
    assert!(matches!(Picture::decode(&dot, &limits), Err(DecodeError::TooSmall { width: 1, height: 1 })));
}

proptest::proptest! {
    /// Whatever is flipped in a valid file, the answer is a picture or an error, never a panic or a runaway allocation.
    #[test]
    fn damaged_bytes_never_panic(at in 0_usize..4_000, value: u8, format in 0..3) {
        let format = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP][format as usize];
        let mut bytes = encode(&sample(48, 48), format);
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(p) = Picture::decode(&bytes, &DecodeLimits::frame()) {
            proptest::prop_assert_eq!(p.rgb().len(), (p.width() * p.height() * 3) as usize);
        }
    }
}
