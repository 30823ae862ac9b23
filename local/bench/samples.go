package bench

// sample is an image as a stranger could send it.
type sample struct {
	name        string
	contentType string // as stated
	encoding    string // as stated, of outputs; empty: none
	make        func() ([]byte, error)
	refused     bool
}

func always(data []byte) func() ([]byte, error) { return func() ([]byte, error) { return data, nil } }

// hostile are made to cost their reader more than they cost their sender.
var hostile = []sample{
	{"60,000 x 60,000 in a header", "image/png", "", always(pngHeader(60_000, 60_000, 8, false)), true},
	{"a PNG of 16 bits, 25 MP", "image/png", "", func() ([]byte, error) { return pngOf(5120, 5120, 16, true, 0), nil }, true},
	{"an animated GIF", "image/png", "", movingGIF, true},
	{"a gzip bomb", "image/png", "gzip", func() ([]byte, error) { return gzipBomb(512 << 20) }, true},
}

// largestOutputs are as large as outputs of their kinds may be: 40 MP, or less when a pixel takes more memory.
var largestOutputs = []sample{
	{"a PNG of 40 MP and 48 MB", "image/png", "", func() ([]byte, error) { return pngOf(8192, 5120, 8, false, 48<<20), nil }, false},
	{"a PNG of 40 MP, interlaced", "image/png", "", func() ([]byte, error) { return pngOf(8192, 5120, 8, true, 48<<20), nil }, false},
	{"a PNG of 16 bits, 20 MP", "image/png", "", func() ([]byte, error) { return pngOf(5120, 4096, 16, true, 48<<20), nil }, false},
	{"a JPEG of 40 MP, four colours", "image/jpeg", "", func() ([]byte, error) { return jpegOf(8192, 5120, 4, false), nil }, false},
	{"a progressive JPEG of 20 MP", "image/jpeg", "", func() ([]byte, error) { return jpegOf(5120, 4096, 3, true), nil }, false},
	{"a progressive JPEG of 10 MP, four colours", "image/jpeg", "", func() ([]byte, error) { return jpegOf(4096, 2560, 4, true), nil }, false},
}

// largestInputs are the same for inputs: 25 MP.
var largestInputs = []sample{
	{"a PNG of 25 MP and 19 MB", "image/png", "", func() ([]byte, error) { return pngOf(5120, 5120, 8, false, 19<<20), nil }, false},
	{"a PNG of 25 MP, interlaced", "image/png", "", func() ([]byte, error) { return pngOf(5120, 5120, 8, true, 19<<20), nil }, false},
	{"a PNG of 16 bits, 12 MP", "image/png", "", func() ([]byte, error) { return pngOf(4096, 3072, 16, true, 19<<20), nil }, false},
	{"a JPEG of 25 MP, four colours", "image/jpeg", "", func() ([]byte, error) { return jpegOf(5120, 5120, 4, false), nil }, false},
	{"a progressive JPEG of 12 MP", "image/jpeg", "", func() ([]byte, error) { return jpegOf(4096, 3072, 3, true), nil }, false},
}

// slow is a body of ten minutes, a byte every second. Nobody knows before its end that it is no image.
var slow = sample{"a body of one byte a second", "image/png", "", always(make([]byte, 600)), true}

// largestAnswer is as large as an image may be that comes within an answer of 64 MB, in base64.
var largestAnswer = sample{"an answer with a PNG of 40 MP and 46 MB", "image/png", "", func() ([]byte, error) { return pngOf(8192, 5120, 8, false, 46<<20), nil }, false}
