import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.Type;

/**
 * Prints the rows of Parquet files of dense vectors as JSON lines, with parquet-mr, which verifies the checksums of pages: id, metadata, and
 * the columns that are lists of floats as the hex of their bytes, least significant first.
 */
class ReadRows {
  public static void main(String[] files) throws Exception {
    var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    for (var file : files) read(Path.of(file), out);
    out.flush();
  }

  static void read(Path file, BufferedWriter out) throws Exception {
    var options = ParquetReadOptions.builder(new PlainParquetConfiguration()).usePageChecksumVerification(true).build();
    try (var reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
      var schema = reader.getFileMetaData().getSchema();
      var columns = new ColumnIOFactory().getColumnIO(schema);
      for (PageReadStore pages = reader.readNextRowGroup(); pages != null; pages = reader.readNextRowGroup()) {
        var records = columns.getRecordReader(pages, new GroupRecordConverter(schema));
        for (long row = 0; row < pages.getRowCount(); row++) out.write(line(records.read()));
      }
    }
  }

  static String line(Group row) {
    var text = new StringBuilder("{");
    for (Type field : row.getType().getFields()) {
      var name = field.getName();
      if (text.length() > 1) text.append(',');
      text.append(quoted(name)).append(':');
      if (row.getFieldRepetitionCount(name) == 0) text.append("null");
      else if (field.isPrimitive()) text.append(quoted(row.getString(name, 0)));
      else text.append('"').append(floats(row.getGroup(name, 0))).append('"');
    }
    return text.append("}\n").toString();
  }

  static String floats(Group list) {
    var hex = new StringBuilder();
    for (int at = 0; at < list.getFieldRepetitionCount("list"); at++) {
      var bits = Float.floatToRawIntBits(list.getGroup("list", at).getFloat("element", 0));
      hex.append(HexFormat.of().toHexDigits(Integer.reverseBytes(bits)));
    }
    return hex.toString();
  }

  static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (char unit : text.toCharArray()) {
      if (unit < 0x20 || unit == '"' || unit == '\\') quoted.append(String.format("\\u%04x", (int) unit));
      else quoted.append(unit);
    }
    return quoted.append('"').toString();
  }
}
