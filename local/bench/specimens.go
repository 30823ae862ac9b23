package bench

// specimen is an image as a stranger could send it.
type specimen struct {
	name        string
	contentType string // as stated
	encoding    string // as stated, of outputs; empty: none
	make        func() ([]byte, error)
	refused     bool
}

func always(data []byte) func() ([]byte, error) { return func() ([]byte, error) { return data, nil } }

// hostile are made to cost their reader more than they cost their sender.
var hostile = []specimen{
	{name: "60,000 x 60,000 in a header", contentType: "image/png", make: always(pngHeader(60_000, 60_000, 8, false)), refused: true},
	{name: "a PNG of 16 bits, 25 MP", contentType: "image/png", make: func() ([]byte, error) { return pngOf(5120, 5120, 16, true, 0), nil }, refused: true},
	{name: "an animated GIF", contentType: "image/png", make: movingGIF, refused: true},
	{name: "a gzip bomb", contentType: "image/png", encoding: "gzip", make: func() ([]byte, error) { return gzipBomb(512 << 20) }, refused: true},
}

// largestOutputs are as large as outputs of their kinds may be: 40 MP, or less when a pixel takes more memory.
var largestOutputs = []specimen{
	{name: "a PNG of 40 MP and 48 MB", contentType: "image/png", make: func() ([]byte, error) { return pngOf(8192, 5120, 8, false, 48<<20), nil }},
	{name: "a PNG of 40 MP, interlaced", contentType: "image/png", make: func() ([]byte, error) { return pngOf(8192, 5120, 8, true, 48<<20), nil }},
	{name: "a PNG of 16 bits, 20 MP", contentType: "image/png", make: func() ([]byte, error) { return pngOf(5120, 4096, 16, true, 48<<20), nil }},
	{name: "a JPEG of 40 MP, four colours", contentType: "image/jpeg", make: func() ([]byte, error) { return jpegOf(8192, 5120, 4, false), nil }},
	{name: "a progressive JPEG of 20 MP", contentType: "image/jpeg", make: func() ([]byte, error) { return jpegOf(5120, 4096, 3, true), nil }},
	{name: "a progressive JPEG of 10 MP, four colours", contentType: "image/jpeg", make: func() ([]byte, error) { return jpegOf(4096, 2560, 4, true), nil }},
}

// largestInputs are the same for inputs: 25 MP.
var largestInputs = []specimen{
	{name: "a PNG of 25 MP and 19 MB", contentType: "image/png", make: func() ([]byte, error) { return pngOf(5120, 5120, 8, false, 19<<20), nil }},
	{name: "a PNG of 25 MP, interlaced", contentType: "image/png", make: func() ([]byte, error) { return pngOf(5120, 5120, 8, true, 19<<20), nil }},
	{name: "a PNG of 16 bits, 12 MP", contentType: "image/png", make: func() ([]byte, error) { return pngOf(4096, 3072, 16, true, 19<<20), nil }},
	{name: "a JPEG of 25 MP, four colours", contentType: "image/jpeg", make: func() ([]byte, error) { return jpegOf(5120, 5120, 4, false), nil }},
	{name: "a progressive JPEG of 12 MP", contentType: "image/jpeg", make: func() ([]byte, error) { return jpegOf(4096, 3072, 3, true), nil }},
}

// slow is a body of ten minutes, a byte every second. Nobody knows before its end that it is no image.
var slow = specimen{name: "a body of one byte a second", contentType: "image/png", make: always(make([]byte, 600)), refused: true}

// largestAnswer is as large as an image may be that comes within an answer of 64 MB, in base64.
var largestAnswer = specimen{name: "an answer with a PNG of 40 MP and 46 MB", contentType: "image/png", make: func() ([]byte, error) { return pngOf(8192, 5120, 8, false, 46<<20), nil }}
