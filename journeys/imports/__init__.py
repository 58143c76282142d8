"""Lists of products with prices and stock, in and out (商品导入导出): columns, rows, writing."""
