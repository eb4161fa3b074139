package bench

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// leastShare is where the chart begins: what uses less of its goal lies on its
// lower edge.
const leastShare = 0.01

// colours are those of Okabe and Ito, which colour-blind people tell apart.
var colours = []string{"0072b2", "d55e00", "009e73", "cc79a7", "e69f00", "56b4e9", "000000", "7f7f7f"}

// charts draws how much of its goal each figure uses over the size of the shop,
// both logarithmic: a line that climbs is a cost that grows.
func (r Report) charts(dir string) error {
	for _, as := range []struct {
		ext    string
		render chart.RendererProvider
	}{{".svg", chart.SVG}, {".png", chart.PNG}} {
		var b bytes.Buffer
		if err := r.chart().Render(as.render, &b); err != nil {
			return fmt.Errorf("%s%s: %w", chartFile, as.ext, err)
		}
		if err := os.WriteFile(filepath.Join(dir, chartFile+as.ext), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (r Report) chart() *chart.Chart {
	sizes := r.sizes()
	low, high := 0.0, 1.0
	if len(sizes) > 0 {
		low, high = math.Log10(float64(sizes[0])), math.Log10(float64(sizes[len(sizes)-1]))
	}
	if high == low {
		low, high = low-0.5, high+0.5
	}
	c := &chart.Chart{
		Title: "Share of its goal that each figure uses: 1 meets it, 2 is the ceiling", TitleStyle: chart.Style{FontSize: 12},
		Width: 1200, Height: 640,
		Background: chart.Style{Padding: chart.Box{Top: 48, Left: 24, Right: 420, Bottom: 24}},
		XAxis:      chart.XAxis{Name: "products", Range: &chart.ContinuousRange{Min: low, Max: high}, ValueFormatter: decimalPower},
		YAxis:      chart.YAxis{Range: &chart.ContinuousRange{Min: math.Log10(leastShare), Max: 1}, ValueFormatter: decimalPower},
	}
	for _, n := range sizes {
		c.XAxis.Ticks = append(c.XAxis.Ticks, chart.Tick{Value: math.Log10(float64(n)), Label: thousands(n)})
	}
	for _, share := range []float64{0.01, 0.1, 0.5, 1, 2, 5, 10} {
		c.YAxis.Ticks = append(c.YAxis.Ticks, chart.Tick{Value: math.Log10(share), Label: number(share)})
	}
	for _, row := range r.rows() {
		if s, ok := line(row, len(c.Series)); ok {
			c.Series = append(c.Series, s)
		}
	}
	for _, share := range []float64{1, 2} {
		at := math.Log10(share)
		c.Series = append(c.Series, chart.ContinuousSeries{XValues: []float64{low, high}, YValues: []float64{at, at},
			Style: chart.Style{StrokeColor: drawing.ColorFromHex("b42318"), StrokeWidth: share, StrokeDashArray: []float64{6, 4}}})
	}
	c.Elements = []chart.Renderable{legend(c)}
	return c
}

// line is one figure over the sizes; ok is false where it has no goal to share.
func line(row []Figure, n int) (s chart.ContinuousSeries, ok bool) {
	for _, f := range row {
		if f.Used > 0 && !math.IsNaN(f.Used) && !math.IsInf(f.Used, 0) {
			s.XValues = append(s.XValues, math.Log10(float64(f.Products)))
			s.YValues = append(s.YValues, math.Log10(min(10, max(leastShare, f.Used))))
		}
	}
	s.Name = row[0].Goal + " " + plain.Replace(row[0].What)
	colour := drawing.ColorFromHex(colours[n%len(colours)])
	s.Style = chart.Style{StrokeColor: colour, StrokeWidth: 2, DotColor: colour, DotWidth: 4}
	if n >= len(colours) {
		s.Style.StrokeDashArray = []float64{2, 3}
	}
	return s, len(s.XValues) > 0
}

// legend names the lines to the right of them.
func legend(c *chart.Chart) chart.Renderable {
	return func(r chart.Renderer, box chart.Box, defaults chart.Style) {
		r.SetFont(defaults.GetFont())
		r.SetFontSize(9)
		y := box.Top + 8
		for _, s := range c.Series {
			if s.GetName() == "" {
				continue
			}
			style := s.GetStyle()
			r.SetStrokeColor(style.StrokeColor)
			r.SetStrokeWidth(3)
			r.SetStrokeDashArray(style.StrokeDashArray)
			r.MoveTo(box.Right+64, y)
			r.LineTo(box.Right+92, y)
			r.Stroke()
			r.SetFontColor(drawing.ColorBlack)
			r.Text(s.GetName(), box.Right+100, y+4)
			y += 22
		}
	}
}

// plain has only signs that the chart's font has.
var plain = strings.NewReplacer("→", "to", "≤", "<=", "×", "x")

func decimalPower(v any) string {
	f, ok := v.(float64)
	if !ok {
		return ""
	}
	return number(math.Pow(10, f))
}
