-- Fingerprints of pictures as numbers, so that one statement compares a picture with all others: 16 words of 64 bits.
CREATE TABLE picture_prints (
    sha256 VARCHAR NOT NULL, -- of the document
    w0 UBIGINT, w1 UBIGINT, w2 UBIGINT, w3 UBIGINT, w4 UBIGINT, w5 UBIGINT, w6 UBIGINT, w7 UBIGINT,
    w8 UBIGINT, w9 UBIGINT, w10 UBIGINT, w11 UBIGINT, w12 UBIGINT, w13 UBIGINT, w14 UBIGINT, w15 UBIGINT
);

INSERT INTO picture_prints
SELECT sha256, words[1], words[2], words[3], words[4], words[5], words[6], words[7], words[8],
       words[9], words[10], words[11], words[12], words[13], words[14], words[15], words[16]
FROM (
    SELECT sha256, list_transform(range(16), n -> CAST('0x' || substr(fingerprint, 16 * n + 1, 16) AS UBIGINT)) AS words
    FROM documents WHERE length(fingerprint) = 256
);
