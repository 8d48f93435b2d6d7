package org.trufflebpf.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the results: bars side by side, and how packets get faster in the first seconds. Needs no screen. */
final class Charts {
    private static final int WIDTH = 1400;
    private static final int HEIGHT = 700;
    /** Nanoseconds, where the axis starts, as a logarithmic one has no zero: what was not measured has no bar. */
    private static final double LEAST = 0.1;

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private final Picture bars;
    private final Picture warmUp;
    private final Picture rates;
    private final Picture times;

    /** A chart's two files. */
    private record Picture(Path png, Path svg) {
        static Picture create(WholeFiles files, Path folder, String name) {
            return new Picture(files.create(folder.resolve(name + ".png")), files.create(folder.resolve(name + ".svg")));
        }
    }

    /**
     * @param files takes side-by-side, warm-up and if asked for ports and ports-time, each as PNG and SVG
     * @param ports whether there will be figures of ports
     */
    Charts(WholeFiles files, Path folder, boolean ports) {
        bars = Picture.create(files, folder, "side-by-side");
        warmUp = Picture.create(files, folder, "warm-up");
        rates = ports ? Picture.create(files, folder, "ports") : null;
        times = ports ? Picture.create(files, folder, "ports-time") : null;
    }

    /** @param carriages of each program, null where ports were not asked for */
    void write(List<Comparison> comparisons, List<WarmUp> warmUps, List<List<Carriage>> carriages) throws IOException {
        draw(bars(comparisons), bars);
        draw(lines(warmUps), warmUp);
        if (carriages != null) {
            draw(rates(comparisons, carriages), rates);
            draw(times(comparisons, carriages), times);
        }
    }

    private static CategoryChart bars(List<Comparison> comparisons) {
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title("Nanoseconds per packet, minima").xAxisTitle("program")
                        .yAxisTitle("ns per packet, logarithmic").build();
        chart.getStyler().setYAxisLogarithmic(true).setYAxisMin(LEAST).setXAxisLabelRotation(45).setLegendPosition(LegendPosition.OutsideE)
                        .setSeriesColors(new Color[]{new Color(0x1f77b4), new Color(0xd62728), new Color(0x2ca02c)}).setChartBackgroundColor(Color.WHITE);
        add(chart, "ours", comparisons, row -> row.ours().minimum());
        add(chart, "kernel, less its floor", comparisons, Comparison::kernelMinimum);
        add(chart, "clang -O3", comparisons, row -> row.nativeCode().minimum());
        return chart;
    }

    private static void add(CategoryChart chart, String name, List<Comparison> comparisons, ToDoubleFunction<Comparison> value) {
        List<Double> values = comparisons.stream().map(row -> value.applyAsDouble(row)).map(each -> Double.isNaN(each) ? LEAST : Math.max(each, LEAST))
                        .toList();
        chart.addSeries(name, comparisons.stream().map(row -> row.scenario().label()).toList(), values);
    }

    private static CategoryChart rates(List<Comparison> comparisons, List<List<Carriage>> carriages) {
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title("Packets per second over ports, medians").xAxisTitle("program")
                        .yAxisTitle("million packets per second").build();
        chart.getStyler().setXAxisLabelRotation(45).setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        List<String> labels = comparisons.stream().map(row -> row.scenario().label()).toList();
        for (int carrier = 0; carrier < carriages.getFirst().size(); carrier++) {
            int number = carrier;
            chart.addSeries(carriages.getFirst().get(carrier).carrier(), labels,
                            carriages.stream().map(row -> shown(row.get(number).packetsPerSecond() / 1e6)).toList());
        }
        return chart;
    }

    /** A bar for each program and carrier, of the time in the program and all other one on top of the other. */
    private static CategoryChart times(List<Comparison> comparisons, List<List<Carriage>> carriages) {
        List<String> labels = new ArrayList<>();
        List<Double> inProgram = new ArrayList<>();
        List<Double> around = new ArrayList<>();
        for (int i = 0; i < comparisons.size(); i++) {
            for (Carriage carriage : carriages.get(i)) {
                labels.add(comparisons.get(i).scenario().label() + ", " + carriage.carrier());
                inProgram.add(shown(carriage.inProgram()));
                around.add(shown(carriage.around()));
            }
        }
        CategoryChart chart = new CategoryChartBuilder().width(2 * WIDTH).height(HEIGHT).title("Where a packet's time goes over ports, medians")
                        .xAxisTitle("program, carrier").yAxisTitle("ns per packet").build();
        chart.getStyler().setStacked(true).setXAxisLabelRotation(90).setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        chart.addSeries("program", labels, inProgram);
        chart.addSeries("receiving and sending", labels, around);
        return chart;
    }

    /** What was not measured has no bar. */
    private static double shown(double value) {
        return Double.isNaN(value) ? 0 : Math.max(value, 0);
    }

    private static XYChart lines(List<WarmUp> warmUps) {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title("The first seconds").xAxisTitle("milliseconds since the object was loaded")
                        .yAxisTitle("ns per packet, logarithmic").build();
        chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        for (WarmUp each : warmUps) {
            chart.addSeries(each.label(), each.points().stream().map(WarmUp.Point::milliseconds).toList(),
                            each.points().stream().map(point -> Math.max(point.nanoseconds(), LEAST)).toList()).setMarker(SeriesMarkers.NONE);
        }
        return chart;
    }

    private static void draw(Chart<?, ?> chart, Picture picture) throws IOException {
        Path folder = Files.createTempDirectory("trufflebpf-charts");
        Path png = folder.resolve("chart.png");
        Path svg = folder.resolve("chart.svg");
        try {
            BitmapEncoder.saveBitmap(chart, png.toString(), BitmapFormat.PNG);
            VectorGraphicsEncoder.saveVectorGraphic(chart, svg.toString(), VectorGraphicsFormat.SVG);
            Files.move(png, picture.png(), StandardCopyOption.REPLACE_EXISTING);
            Files.move(svg, picture.svg(), StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(png);
            Files.deleteIfExists(svg);
            Files.delete(folder);
        }
    }
}
