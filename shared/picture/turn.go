package picture

import "image"

// turns say where the pixel at x, y of an upright picture lies in the stored one, which is w wide and h high; by EXIF orientation.
var turns = [lastTurn + 1]func(x, y, w, h int) (int, int){
	2: func(x, y, w, _ int) (int, int) { return w - 1 - x, y },
	3: func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
	4: func(x, y, _, h int) (int, int) { return x, h - 1 - y },
	5: func(x, y, _, _ int) (int, int) { return y, x },
	6: func(x, y, _, h int) (int, int) { return y, h - 1 - x },
	7: func(x, y, w, h int) (int, int) { return w - 1 - y, h - 1 - x },
	8: func(x, y, w, _ int) (int, int) { return w - 1 - y, x },
}

// turnUpright puts stored pixels the way the camera was held. The image begins at 0, 0.
func turnUpright(stored *image.RGBA, orientation int) *image.RGBA {
	from := turns[orientation]
	if from == nil {
		return stored
	}
	w, h := stored.Rect.Dx(), stored.Rect.Dy()
	upright := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= firstSideways {
		upright = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range upright.Rect.Dy() {
		for x := range upright.Rect.Dx() {
			sx, sy := from(x, y, w, h)
			copy(upright.Pix[upright.PixOffset(x, y):][:4], stored.Pix[stored.PixOffset(sx, sy):][:4])
		}
	}
	return upright
}
